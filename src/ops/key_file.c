#include "ops/key_file.h"

#include <errno.h>
#include <unistd.h>

static bool file_exists(const char *path)
{
  return access(path, F_OK) == 0 || errno != ENOENT;
}

error_code_t key_file_open(const char *key_path, const char *database_path, secret_key_t *ret_key,
                           error_detail_t *detail)
{
  if (!file_exists(key_path)) {
    if (file_exists(database_path))
      return error_because(detail, ERR_KEY_FILE, "%s is missing, but %s was made with it: put it back",
                           key_path, database_path);
    error_code_t error = secret_key_create(key_path, detail);
    if (error != ERR_NONE)
      return error;
  }
  return secret_key_load(key_path, ret_key, detail);
}
