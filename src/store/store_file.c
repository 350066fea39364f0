/* The checks of the database file and the process lock. */
#include "store/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LIMIT 1024

static error_code_t refuse(error_detail_t *detail, const char *path, const char *what)
{
  return error_because(detail, ERR_STORE_FILE, "%s: %s", path, what);
}

static error_code_t refuse_errno(error_detail_t *detail, const char *path, const char *what)
{
  return error_because(detail, ERR_STORE_FILE, "%s: cannot %s: %s", path, what, strerror(errno));
}

static error_code_t check_status(const char *path, const struct stat *status, error_detail_t *detail)
{
  if (S_ISLNK(status->st_mode))
    return refuse(detail, path, "is a symbolic link; configure the path of the file itself");
  if (!S_ISREG(status->st_mode))
    return refuse(detail, path, "is not a plain file; move it away");
  if (status->st_uid != geteuid())
    return refuse(detail, path, "belongs to another user; run as its owner or chown it");
  if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return refuse(detail, path, "can be reached by others; chmod 600 it");
  if (status->st_nlink > 1)
    return refuse(detail, path, "has a second name (hard link); remove one");
  return ERR_NONE;
}

/* The driver opens these beside the file by itself; absent is fine. */
static error_code_t check_companion(const char *path, const char *suffix, error_detail_t *detail)
{
  char name[PATH_LIMIT];
  struct stat status;
  int len = snprintf(name, sizeof(name), "%s%s", path, suffix);
  if (len < 0 || (size_t)len >= sizeof(name))
    return refuse(detail, path, "is too long a path");
  if (lstat(name, &status) == 0)
    return check_status(name, &status, detail);
  return errno == ENOENT ? ERR_NONE : refuse_errno(detail, name, "look at it");
}

static error_code_t check_companions(const char *path, error_detail_t *detail)
{
  static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
  for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
    error_code_t error = check_companion(path, suffixes[i], detail);
    if (error != ERR_NONE)
      return error;
  }
  return ERR_NONE;
}

/* Opens a plain file of ours for reading and writing, or makes it; *ret_file is a descriptor. */
static error_code_t open_plain(const char *path, int *ret_file, error_detail_t *detail)
{
  /* O_NONBLOCK: opening a FIFO would wait for somebody to write. */
  int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0)
    return errno == ELOOP ? refuse(detail, path, "is a symbolic link; configure the path of the file itself")
                          : refuse_errno(detail, path, "open it for reading and writing");
  struct stat status;
  error_code_t error = fstat(file, &status) == 0 ? check_status(path, &status, detail)
                                                 : refuse_errno(detail, path, "look at it");
  if (error != ERR_NONE) {
    (void)close(file);
    return error;
  }
  *ret_file = file;
  return ERR_NONE;
}

static error_code_t take_lock(const char *path, int *ret_lock, error_detail_t *detail)
{
  char name[PATH_LIMIT];
  int lock = -1;
  int len = snprintf(name, sizeof(name), "%s.lock", path);
  if (len < 0 || (size_t)len >= sizeof(name))
    return refuse(detail, path, "is too long a path");
  error_code_t error = open_plain(name, &lock, detail);
  if (error != ERR_NONE)
    return error;
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    error = errno == EWOULDBLOCK
                ? error_because(detail, ERR_STORE_BUSY,
                                "%s: another process has this database open; stop it first", path)
                : refuse_errno(detail, name, "lock it");
    (void)close(lock);
    return error;
  }
  *ret_lock = lock;
  return ERR_NONE;
}

error_code_t store_file_prepare(const char *path, int *ret_lock, error_detail_t *detail)
{
  int lock = -1;
  int file = -1;
  error_code_t error = take_lock(path, &lock, detail);
  if (error != ERR_NONE)
    return error;
  error = open_plain(path, &file, detail);
  if (error == ERR_NONE) {
    (void)close(file); /* nobody here has it open yet, so no POSIX lock is lost by closing */
    error = check_companions(path, detail);
  }
  if (error != ERR_NONE) {
    (void)close(lock);
    return error;
  }
  *ret_lock = lock;
  return ERR_NONE;
}
