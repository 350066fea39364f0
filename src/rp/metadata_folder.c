#include "rp/metadata_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/database_address.h"
#include "base/encoding.h"
#include "base/failpoint.h"
#include "ops/process.h"

#define FILE_KEPT "kept.json"
#define KEPT_MAX_LENGTH 4096
#define PATH_LIMIT 4096

char *metadata_folder_path(arena_t *arena, const config_t *config, const char *name)
{
  char *database = arena_string(arena, bytes_of_string(config->rp.database));
  if (database == NULL)
    return NULL;
  const char *folder = database_address_is_url(database) ? config->directory : dirname(database);
  return arena_format(arena, "%s/metadata%s%s", folder, name[0] != '\0' ? "/" : "", name);
}

/* --- what is known of the held BLOB --- */

static error_code_t parse_kept(const json_t *object, metadata_kept_t *ret_kept)
{
  bytes_t digest, roots;
  metadata_kept_t kept = {0};
  if (json_require_integer(object, "number", &kept.number) != ERR_NONE ||
      json_require_integer(object, "received_ms", &kept.received_ms) != ERR_NONE ||
      json_require_text(object, "digest", &digest) != ERR_NONE ||
      json_require_text(object, "roots", &roots) != ERR_NONE ||
      base64url_decode_exact(digest, kept.digest.bytes, sizeof kept.digest.bytes) != ERR_NONE ||
      base64url_decode_exact(roots, kept.roots.bytes, sizeof kept.roots.bytes) != ERR_NONE)
    return ERR_METADATA;
  *ret_kept = kept;
  return ERR_NONE;
}

error_code_t metadata_kept_read(const char *folder, metadata_kept_t *ret_kept)
{
  char path[PATH_LIMIT];
  uint8_t *data = NULL;
  size_t len = 0;
  if (snprintf(path, sizeof path, "%s/" FILE_KEPT, folder) >= (int)sizeof path)
    return ERR_UNAVAILABLE;
  error_code_t error = file_read(path, KEPT_MAX_LENGTH, &data, &len);
  if (error != ERR_NONE)
    return error == ERR_TOO_LARGE ? ERR_METADATA : error;
  CLEANUP(json_drop) json_t *object = NULL;
  error = json_parse(bytes_of(data, len), &object);
  if (error == ERR_NONE)
    error = parse_kept(object, ret_kept);
  free(data);
  return error == ERR_MALFORMED ? ERR_METADATA : error;
}

static error_code_t write_all(int fd, bytes_t bytes)
{
  while (bytes.len > 0) {
    ssize_t written = write(fd, bytes.data, bytes.len);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return ERR_UNAVAILABLE;
    bytes = bytes_of(bytes.data + written, bytes.len - (size_t)written);
  }
  return fsync(fd) == 0 ? ERR_NONE : ERR_UNAVAILABLE;
}

/* Whole or not at all. */
static error_code_t replace_file(int folder, const char *name, const char *temporary, bytes_t bytes)
{
  int fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return ERR_UNAVAILABLE;
  error_code_t error = write_all(fd, bytes);
  if (close(fd) != 0)
    error = ERR_UNAVAILABLE;
  if (error == ERR_NONE && renameat(folder, temporary, folder, name) != 0)
    error = ERR_UNAVAILABLE;
  if (error == ERR_NONE && fsync(folder) != 0)
    error = ERR_UNAVAILABLE;
  if (error != ERR_NONE)
    unlinkat(folder, temporary, 0);
  return error;
}

static bytes_t build_kept(const metadata_kept_t *kept, uint8_t *memory, size_t capacity)
{
  builder_t text = builder_over(memory, capacity);
  builder_add_string(&text, "{\"number\":");
  builder_add_decimal(&text, kept->number);
  builder_add_string(&text, ",\"received_ms\":");
  builder_add_decimal(&text, kept->received_ms);
  builder_add_string(&text, ",\"digest\":\"");
  builder_add_base64url(&text, hash_bytes(&kept->digest));
  builder_add_string(&text, "\",\"roots\":\"");
  builder_add_base64url(&text, hash_bytes(&kept->roots));
  builder_add_string(&text, "\"}\n");
  return builder_bytes(&text);
}

error_code_t metadata_kept_write(const char *folder, bytes_t blob, const metadata_kept_t *kept,
                                 error_detail_t *detail)
{
  uint8_t memory[512];
  error_code_t error = process_make_folder(folder, detail);
  if (error != ERR_NONE)
    return error;
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  error = fd >= 0 ? replace_file(fd, METADATA_FILE_HELD, METADATA_FILE_HELD ".new", blob) : ERR_UNAVAILABLE;
  if (error == ERR_NONE && failpoint_hit("metadata_kept"))
    error = ERR_UNAVAILABLE;
  if (error == ERR_NONE)
    error = replace_file(fd, FILE_KEPT, FILE_KEPT ".new", build_kept(kept, memory, sizeof memory));
  if (fd >= 0)
    close(fd);
  return error == ERR_NONE ? error : error_because(detail, error, "%s cannot be written", folder);
}
