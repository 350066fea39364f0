#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

void secret_wipe(void *memory, size_t len)
{
  if (len > 0)
    OPENSSL_cleanse(memory, len);
}

void secret_key_wipe(secret_key_t *key)
{
  secret_wipe(key->bytes, sizeof key->bytes);
}

bool secret_equal(bytes_t a, bytes_t b)
{
  if (a.len != b.len)
    return false;
  return a.len == 0 || CRYPTO_memcmp(a.data, b.data, a.len) == 0;
}

static void fill_from_system(void *memory, size_t len)
{
  uint8_t *at = memory;
  while (len > 0) {
    ssize_t got = getrandom(at, len, 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      abort();
    at += got;
    len -= (size_t)got;
  }
}

/* A request takes randomness in small pieces, and a system call each would cost more than the rest of what is
 * done with them. Bytes are wiped as they are handed out. Nobody here forks without exec, so no two processes
 * share a pool. */
#define POOL_LENGTH 512
static _Thread_local struct random_pool {
  uint8_t bytes[POOL_LENGTH];
  size_t left;
} pool;

void random_fill(void *memory, size_t len)
{
  if (len > POOL_LENGTH / 4) {
    fill_from_system(memory, len);
    return;
  }
  if (pool.left < len) {
    fill_from_system(pool.bytes, POOL_LENGTH);
    pool.left = POOL_LENGTH;
  }
  if (len == 0)
    return;
  pool.left -= len;
  memcpy(memory, pool.bytes + pool.left, len);
  secret_wipe(pool.bytes + pool.left, len);
}

/* Reads until len bytes or the end; the number read, -1 with errno. */
static ssize_t read_up_to(int fd, uint8_t *memory, size_t len)
{
  size_t done = 0;
  while (done < len) {
    ssize_t got = read(fd, memory + done, len - done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return -1;
    if (got == 0)
      break;
    done += (size_t)got;
  }
  return (ssize_t)done;
}

static error_code_t check_key_file(int fd, const char *path, error_detail_t *detail)
{
  struct stat info;
  if (fstat(fd, &info) != 0)
    return error_because(detail, ERR_KEY_FILE, "%s: %s", path, strerror(errno));
  if (!S_ISREG(info.st_mode))
    return error_because(detail, ERR_KEY_FILE, "%s: not a regular file", path);
  if (info.st_uid != geteuid() && info.st_uid != 0)
    return error_because(detail, ERR_KEY_FILE, "%s: owned by uid %u; make it owned by uid %u or root", path,
                         info.st_uid, geteuid());
  if ((info.st_mode & 077) != 0)
    return error_because(detail, ERR_KEY_FILE, "%s: mode %04o lets others in; set it to 0600", path,
                         info.st_mode & 07777);
  return ERR_NONE;
}

static error_code_t read_file(int fd, const char *path, uint8_t *memory, size_t capacity, size_t *ret_len,
                              error_detail_t *detail)
{
  error_code_t code = check_key_file(fd, path, detail);
  if (code != ERR_NONE)
    return code;
  ssize_t got = read_up_to(fd, memory, capacity);
  if (got < 0)
    return error_because(detail, ERR_KEY_FILE, "%s: %s", path, strerror(errno));
  *ret_len = (size_t)got;
  return ERR_NONE;
}

static error_code_t load(const char *path, uint8_t *memory, size_t capacity, size_t *ret_len,
                         error_detail_t *detail)
{
  /* O_NONBLOCK: a FIFO in its place must be refused, not waited for. */
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0)
    return error_because(detail, ERR_KEY_FILE, "%s: %s", path, strerror(errno));
  error_code_t code = read_file(fd, path, memory, capacity, ret_len, detail);
  close(fd);
  return code;
}

error_code_t secret_key_load(const char *path, secret_key_t *ret_key, error_detail_t *detail)
{
  size_t len;
  uint8_t content[sizeof ret_key->bytes + 1]; /* one more shows a file that is too long */
  error_code_t code = load(path, content, sizeof content, &len, detail);
  if (code != ERR_NONE)
    return code;
  bool fits = len == sizeof ret_key->bytes;
  if (fits)
    memcpy(ret_key->bytes, content, sizeof ret_key->bytes);
  secret_wipe(content, sizeof content);
  return fits ? ERR_NONE
              : error_because(detail, ERR_KEY_FILE, "%s: not exactly 32 bytes long; restore it from a backup",
                              path);
}

error_code_t secret_text_load(const char *path, uint8_t *memory, size_t capacity, size_t *ret_len,
                              error_detail_t *detail)
{
  return load(path, memory, capacity, ret_len, detail);
}

static bool write_all(int fd, const uint8_t *memory, size_t len)
{
  while (len > 0) {
    ssize_t put = write(fd, memory, len);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return false;
    memory += put;
    len -= (size_t)put;
  }
  return true;
}

/* The name in the folder is durable only after the folder has been synced. */
static bool sync_folder_of(const char *path)
{
  char copy[PATH_MAX];
  if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
    return false;
  int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return false;
  bool synced = fsync(fd) == 0;
  close(fd);
  return synced;
}

error_code_t secret_key_create(const char *path, error_detail_t *detail)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return error_because(detail, ERR_KEY_FILE, "%s: %s", path, strerror(errno));
  secret_key_t key;
  random_fill(key.bytes, sizeof key.bytes);
  bool written = write_all(fd, key.bytes, sizeof key.bytes) && fsync(fd) == 0;
  secret_key_wipe(&key);
  int cause = errno;
  close(fd);
  if (written && sync_folder_of(path))
    return ERR_NONE;
  if (written)
    cause = errno;
  unlink(path); /* half a key is worse than none */
  return error_because(detail, ERR_KEY_FILE, "%s: %s", path, strerror(cause));
}
