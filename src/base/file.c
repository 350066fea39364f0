#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static error_code_t read_open_file(int fd, size_t limit, uint8_t **ret_data, size_t *ret_len)
{
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
    return ERR_UNAVAILABLE;
  if ((uint64_t)status.st_size > limit)
    return ERR_TOO_LARGE;
  size_t size = (size_t)status.st_size, len = 0;
  uint8_t *data = malloc(size + 1);
  if (data == NULL)
    return ERR_NO_MEMORY;
  for (ssize_t got = 1; got > 0 && len<size; len += got> 0 ? (size_t)got : 0)
    got = read(fd, data + len, size - len);
  if (len < size) { /* it shrank meanwhile: somebody is writing it */
    free(data);
    return ERR_UNAVAILABLE;
  }
  *ret_data = data;
  *ret_len = len;
  return ERR_NONE;
}

error_code_t file_read(const char *path, size_t limit, uint8_t **ret_data, size_t *ret_len)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
  error_code_t error = read_open_file(fd, limit, ret_data, ret_len);
  close(fd);
  return error;
}
