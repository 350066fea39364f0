#include "authority/workload_keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"

#define FILE_MAX ((size_t)128 * 1024)
#define LOOK_AGAIN_MS 2000
#define ARENA_MAX ((size_t)256 * 1024)

/* One file, and what it held when it was read last. */
typedef struct key_file {
  struct key_file *next;
  char *path;
  struct timespec changed;
  off_t size;
  int64_t looked_ms;
  arena_t *arena; /* of the set's texts; NULL: nothing readable was there yet */
  jwk_set_t set;
} key_file_t;

struct workload_keys {
  remote_keys_t *remote;
  const char *domain;
  pthread_mutex_t lock; /* over the files: held while one verifies, which takes microseconds */
  key_file_t *files;
};

error_code_t workload_keys_new(remote_keys_t *remote, const char *domain, workload_keys_t **ret_keys)
{
  workload_keys_t *keys = calloc(1, sizeof *keys);
  if (keys == NULL)
    return ERR_NO_MEMORY;
  keys->remote = remote;
  keys->domain = domain;
  pthread_mutex_init(&keys->lock, NULL);
  *ret_keys = keys;
  return ERR_NONE;
}

static void set_done(key_file_t *file)
{
  if (file->arena == NULL)
    return;
  jwk_set_done(&file->set);
  arena_free(file->arena);
  file->arena = NULL;
}

void workload_keys_free(workload_keys_t *keys)
{
  if (keys == NULL)
    return;
  for (key_file_t *file = keys->files, *next; file != NULL; file = next) {
    next = file->next;
    set_done(file);
    free(file->path);
    free(file);
  }
  pthread_mutex_destroy(&keys->lock);
  free(keys);
}

/* --- files --- */

static key_file_t *find_file(workload_keys_t *keys, const char *path)
{
  for (key_file_t *file = keys->files; file != NULL; file = file->next)
    if (strcmp(file->path, path) == 0)
      return file;
  key_file_t *file = calloc(1, sizeof *file);
  if (file == NULL)
    return NULL;
  file->path = strdup(path);
  if (file->path == NULL) {
    free(file);
    return NULL;
  }
  file->looked_ms = INT64_MIN;
  file->next = keys->files;
  keys->files = file;
  return file;
}

static error_code_t read_set(const key_file_t *file, arena_t *arena, jwk_set_t *ret_set)
{
  uint8_t *text = NULL;
  size_t len = 0;
  error_code_t error = file_read(file->path, FILE_MAX, &text, &len);
  if (error != ERR_NONE)
    return error;
  error = jwk_set_parse(arena, bytes_of(text, len), NULL, ret_set);
  free(text);
  return error;
}

static void reload(const workload_keys_t *keys, key_file_t *file)
{
  jwk_set_t set = {.count = 0};
  arena_t *arena = arena_new(4096, ARENA_MAX);
  error_code_t error = arena != NULL ? read_set(file, arena, &set) : ERR_NO_MEMORY;
  if (error != ERR_NONE) {
    arena_free(arena);
    log_event(LOG_WARNING, "workload_keys.unreadable", LOG_TEXT("domain", keys->domain),
              LOG_TEXT("file", file->path), LOG_TEXT("error", error_info(error)->slug));
    return;
  }
  set_done(file);
  file->arena = arena;
  file->set = set;
}

/* Looks at the file now and then; what it says is read when it is another. */
static void refresh(const workload_keys_t *keys, key_file_t *file, int64_t now_ms)
{
  struct stat status;
  if (file->looked_ms <= now_ms && now_ms - LOOK_AGAIN_MS < file->looked_ms)
    return;
  file->looked_ms = now_ms;
  bool there = stat(file->path, &status) == 0;
  if (there && file->arena != NULL && status.st_size == file->size &&
      status.st_mtim.tv_sec == file->changed.tv_sec && status.st_mtim.tv_nsec == file->changed.tv_nsec)
    return;
  file->size = there ? status.st_size : 0;
  file->changed = there ? status.st_mtim : (struct timespec){0};
  reload(keys, file);
}

static error_code_t verify_by_file(workload_keys_t *keys, const char *path, const jws_t *jws, int64_t now_ms)
{
  pthread_mutex_lock(&keys->lock);
  key_file_t *file = find_file(keys, path);
  error_code_t error = ERR_NO_MEMORY;
  if (file != NULL) {
    refresh(keys, file, now_ms);
    error = file->arena != NULL ? jwk_set_verify(&file->set, jws) : ERR_WORKLOAD_KEYS;
  }
  pthread_mutex_unlock(&keys->lock);
  return error;
}

/* --- addresses --- */

remote_address_t workload_keys_address(const config_workload_issuer_t *issuer)
{
  return (remote_address_t){issuer->jwks_uri, NULL};
}

error_code_t workload_keys_verify(workload_keys_t *keys, const config_workload_issuer_t *issuer,
                                  const jws_t *jws, int64_t now_ms, bool *ret_awaits)
{
  *ret_awaits = false;
  if (issuer->jwks_file != NULL)
    return verify_by_file(keys, issuer->jwks_file, jws, now_ms);
  const remote_address_t address = workload_keys_address(issuer);
  *ret_awaits = !remote_keys_are_ready(keys->remote, &address, jws->key_id, now_ms);
  const jwk_set_t *set = *ret_awaits ? NULL : remote_keys_now(keys->remote, &address, now_ms);
  return set != NULL ? jwk_set_verify(set, jws) : ERR_WORKLOAD_KEYS;
}
