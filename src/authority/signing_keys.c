#include "authority/signing_keys.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "crypto/jwk.h"
#include "crypto/seal.h"

#define SCRATCH (256 * 1024)
#define FRESH_KEYS 2 /* a new domain starts with a current and a next key */

struct signing_keys {
  store_t *store;
  secret_key_t seal_key;
  retire_t *retire;
  _Atomic(const key_set_t *) set;
  atomic_flag changing; /* one change at a time: rotation or removal */
};

CLEANUP_FUNCTION(arena_drop, arena_t, arena_free)

const key_set_t *signing_keys_now(const signing_keys_t *keys)
{
  return atomic_load(&keys->set);
}

const signing_key_t *key_set_find(const key_set_t *set, bytes_t key_id)
{
  for (size_t i = 0; i < set->count; i++)
    if (bytes_equal_string(key_id, set->rows[i].id))
      return set->published[i];
  return NULL;
}

/* --- sets --- */

static void set_release(void *object)
{
  key_set_t *set = object;
  if (set != NULL)
    free(set->jwks_memory);
  free(set);
}

static void key_release(void *object)
{
  signing_key_free(object);
}

static error_code_t set_write_jwks(arena_t *arena, key_set_t *set)
{
  CLEANUP(json_drop) json_t *document = json_object();
  json_t *list = json_array();
  if (json_object_set_new(document, "keys", list) != 0)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < set->count; i++) {
    json_t *jwk = jwk_build(signing_key_public(set->published[i]), set->rows[i].id);
    if (jwk == NULL || json_array_append_new(list, jwk) != 0)
      return ERR_NO_MEMORY;
  }
  bytes_t text;
  sha256_t hash;
  if (json_print(arena, document, &text) == NULL || hash_sha256(text, &hash) != ERR_NONE)
    return ERR_NO_MEMORY;
  set->jwks_memory = malloc(text.len);
  if (set->jwks_memory == NULL)
    return ERR_NO_MEMORY;
  memcpy(set->jwks_memory, text.data, text.len);
  set->jwks = bytes_of(set->jwks_memory, text.len);
  builder_t etag = builder_over(set->etag, sizeof set->etag - 1);
  builder_add_string(&etag, "\"");
  builder_add_base64url(&etag, bytes_of(hash.bytes, 16));
  builder_add_string(&etag, "\"");
  return ERR_NONE;
}

/* rows and keys lie beside each other; the set borrows the keys. */
static error_code_t set_new(arena_t *arena, const key_row_t *rows, const signing_key_t *const *keys,
                            size_t count, key_set_t **ret_set)
{
  key_set_t *set = calloc(1, sizeof *set);
  if (set == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    set->rows[i] = rows[i];
    set->rows[i].sealed = BYTES_NONE;
    set->published[i] = keys[i];
    if (rows[i].state == KEY_CURRENT)
      set->current = keys[i];
  }
  set->count = count;
  error_code_t error = set->current != NULL ? set_write_jwks(arena, set) : ERR_STORE_FAILED;
  if (error != ERR_NONE) {
    set_release(set);
    return error;
  }
  *ret_set = set;
  return ERR_NONE;
}

static void set_publish(signing_keys_t *keys, const key_set_t *set)
{
  const key_set_t *old = atomic_exchange(&keys->set, set);
  retire_later(keys->retire, (void *)(uintptr_t)old, set_release);
}

/* --- keys at rest --- */

static error_code_t row_make(signing_keys_t *keys, arena_t *arena, signature_algorithm_t algorithm,
                             key_state_t state, int64_t now_ms, signing_key_t **ret_key, key_row_t *ret_row)
{
  CLEANUP(signing_key_drop) signing_key_t *key = NULL;
  error_code_t error = signing_key_generate(algorithm, &key);
  if (error != ERR_NONE)
    return error;
  key_row_t row = {.algorithm = algorithm,
                   .state = state,
                   .created_ms = now_ms,
                   .activated_ms = state == KEY_CURRENT ? now_ms : 0};
  bytes_t id = bytes_of_string(signing_key_id(key));
  if (id.len == 0 || id.len >= sizeof row.id)
    return ERR_INTERNAL;
  memcpy(row.id, id.data, id.len);
  bytes_t der;
  error = signing_key_export(arena, key, &der);
  if (error != ERR_NONE)
    return error;
  error = seal_close(arena, &keys->seal_key, row.id, der, &row.sealed);
  secret_wipe((void *)(uintptr_t)der.data, der.len);
  if (error != ERR_NONE)
    return error;
  *ret_key = key;
  *ret_row = row;
  key = NULL;
  return ERR_NONE;
}

static error_code_t row_open(signing_keys_t *keys, arena_t *arena, const key_row_t *row,
                             signing_key_t **ret_key, error_detail_t *detail)
{
  bytes_t der;
  if (seal_open(arena, &keys->seal_key, row->id, row->sealed, &der) != ERR_NONE)
    return error_because(detail, ERR_KEY_FILE,
                         "the key file does not open signing key %s: put back the key file "
                         "that belongs to this database",
                         row->id);
  error_code_t error = signing_key_import((signature_algorithm_t)row->algorithm, der, ret_key);
  secret_wipe((void *)(uintptr_t)der.data, der.len);
  return error == ERR_NONE ? ERR_NONE
                           : error_because(detail, error, "signing key %s cannot be read", row->id);
}

typedef struct first_keys {
  store_job_t job;
  key_row_t rows[FRESH_KEYS];
} first_keys_t;

static error_code_t first_keys_apply(database_t *database, store_job_t *job)
{
  first_keys_t *first = (first_keys_t *)job;
  error_code_t error = ERR_NONE;
  for (size_t i = 0; i < FRESH_KEYS && error == ERR_NONE; i++)
    error = key_add(database, &first->rows[i]);
  return error;
}

static error_code_t keys_make(signing_keys_t *keys, arena_t *arena, signature_algorithm_t algorithm,
                              key_row_t *rows, signing_key_t **loaded, size_t *ret_count)
{
  static const key_state_t states[FRESH_KEYS] = {KEY_CURRENT, KEY_NEXT};
  first_keys_t first = {.job = {.apply = first_keys_apply}};
  *ret_count = FRESH_KEYS;
  for (size_t i = 0; i < FRESH_KEYS; i++) {
    size_t at = FRESH_KEYS - 1 - i; /* newest first, as they are read */
    error_code_t error =
        row_make(keys, arena, algorithm, states[i], clock_now_ms(), &loaded[at], &first.rows[i]);
    if (error != ERR_NONE)
      return error;
    rows[at] = first.rows[i];
  }
  return store_run(keys->store, &first.job);
}

static error_code_t keys_read(signing_keys_t *keys, arena_t *arena, key_row_t *rows, size_t *ret_count)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(keys->store);
  return read.database != NULL ? key_list(read.database, arena, rows, KEY_SET_MAX, ret_count)
                               : ERR_UNAVAILABLE;
}

static void keys_free(signing_key_t **loaded, size_t *count)
{
  while (*count > 0)
    signing_key_free(loaded[--*count]);
}

/* *ret_count says how many of loaded must be freed, also after an error. */
static error_code_t rows_open(signing_keys_t *keys, arena_t *arena, const key_row_t *rows, size_t count,
                              signing_key_t **loaded, size_t *ret_count, error_detail_t *detail)
{
  error_code_t error = ERR_NONE;
  for (*ret_count = 0; error == ERR_NONE && *ret_count < count; *ret_count += error == ERR_NONE ? 1 : 0)
    error = row_open(keys, arena, &rows[*ret_count], &loaded[*ret_count], detail);
  return error;
}

/* *ret_count says how many of loaded must be freed, also after an error. */
static error_code_t keys_load(signing_keys_t *keys, arena_t *arena, signature_algorithm_t algorithm,
                              signing_key_t **loaded, size_t *ret_count, error_detail_t *detail)
{
  key_row_t rows[KEY_SET_MAX];
  size_t count = 0;
  error_code_t error = keys_read(keys, arena, rows, &count);
  if (error == ERR_NONE && count == 0) {
    error = keys_make(keys, arena, algorithm, rows, loaded, ret_count);
    count = *ret_count;
    if (error == ERR_CONFLICT) { /* another node was first */
      keys_free(loaded, ret_count);
      error = keys_read(keys, arena, rows, &count);
    }
  }
  if (error == ERR_NONE && *ret_count == 0)
    error = rows_open(keys, arena, rows, count, loaded, ret_count, detail);
  key_set_t *set;
  if (error == ERR_NONE)
    error = set_new(arena, rows, (const signing_key_t *const *)loaded, count, &set);
  if (error == ERR_NONE)
    atomic_store(&keys->set, set);
  return error;
}

error_code_t signing_keys_open(store_t *store, const secret_key_t *domain_key,
                               signature_algorithm_t algorithm, retire_t *retire, signing_keys_t **ret_keys,
                               error_detail_t *detail)
{
  CLEANUP(arena_drop) arena_t *arena = arena_new(4096, SCRATCH);
  signing_keys_t *keys = calloc(1, sizeof *keys);
  if (arena == NULL || keys == NULL) {
    free(keys);
    return ERR_NO_MEMORY;
  }
  keys->store = store;
  keys->retire = retire;
  atomic_flag_clear(&keys->changing);
  signing_key_t *loaded[KEY_SET_MAX] = {0};
  size_t count = 0;
  error_code_t error = hash_derive_key(domain_key, "sekisho authority signing keys", &keys->seal_key);
  if (error == ERR_NONE)
    error = keys_load(keys, arena, algorithm, loaded, &count, detail);
  if (error != ERR_NONE) {
    keys_free(loaded, &count);
    signing_keys_free(keys);
    return error;
  }
  *ret_keys = keys;
  return ERR_NONE;
}

void signing_keys_free(signing_keys_t *keys)
{
  if (keys == NULL)
    return;
  const key_set_t *set = atomic_load(&keys->set);
  for (size_t i = 0; set != NULL && i < set->count; i++)
    signing_key_free((signing_key_t *)(uintptr_t)set->published[i]);
  set_release((void *)(uintptr_t)set);
  secret_key_wipe(&keys->seal_key);
  free(keys);
}

/* --- rotation --- */

static error_code_t rotation_apply(database_t *database, store_job_t *job)
{
  key_rotation_t *rotation = (key_rotation_t *)job;
  error_code_t error =
      key_rotate(database, rotation->current, &rotation->row, rotation->now_ms, rotation->previous_until_ms);
  if (error != ERR_NONE)
    return error;
  const audit_event_t row = {.time_ms = rotation->now_ms,
                             .event = "key.rotated",
                             .actor = bytes_of_string(rotation->actor),
                             .subject = bytes_of_string(rotation->row.id),
                             .request = bytes_of_string(rotation->request_id)};
  return audit_append(database, &row);
}

error_code_t key_rotation_begin(key_rotation_t *rotation, signing_keys_t *keys, arena_t *arena,
                                signature_algorithm_t algorithm, int64_t now_ms, int64_t token_lifetime_ms)
{
  if (atomic_flag_test_and_set(&keys->changing))
    return ERR_CONFLICT;
  *rotation = (key_rotation_t){.job = {.apply = rotation_apply},
                               .keys = keys,
                               .arena = arena,
                               .actor = "schedule",
                               .now_ms = now_ms,
                               .previous_until_ms = now_ms + token_lifetime_ms};
  error_code_t error = signing_keys_now(keys)->count < KEY_SET_MAX ? ERR_NONE : ERR_TOO_MANY;
  memcpy(rotation->current, signing_key_id(signing_keys_now(keys)->current),
         strnlen(signing_key_id(signing_keys_now(keys)->current), KEY_ID_MAX - 1));
  if (error == ERR_NONE)
    error = row_make(keys, arena, algorithm, KEY_NEXT, now_ms, &rotation->fresh, &rotation->row);
  if (error != ERR_NONE)
    atomic_flag_clear(&keys->changing);
  return error;
}

/* The set as the store has it now. */
static error_code_t rotation_publish(key_rotation_t *rotation)
{
  const key_set_t *old = signing_keys_now(rotation->keys);
  key_row_t rows[KEY_SET_MAX] = {rotation->row};
  const signing_key_t *published[KEY_SET_MAX] = {rotation->fresh};
  for (size_t i = 0; i < old->count; i++) {
    key_row_t row = old->rows[i];
    if (row.state == KEY_CURRENT) {
      row.state = KEY_PREVIOUS;
      row.expires_ms = rotation->previous_until_ms;
    } else if (row.state == KEY_NEXT) {
      row.state = KEY_CURRENT;
      row.activated_ms = rotation->now_ms;
    }
    rows[i + 1] = row;
    published[i + 1] = old->published[i];
  }
  key_set_t *set;
  error_code_t error = set_new(rotation->arena, rows, published, old->count + 1, &set);
  if (error == ERR_NONE)
    set_publish(rotation->keys, set);
  return error;
}

error_code_t key_rotation_end(key_rotation_t *rotation)
{
  error_code_t error = rotation->job.outcome;
  if (error == ERR_NONE)
    error = rotation_publish(rotation);
  if (error != ERR_NONE)
    signing_key_free(rotation->fresh);
  atomic_flag_clear(&rotation->keys->changing);
  return error;
}

static error_code_t rotate_waiting(signing_keys_t *keys, signature_algorithm_t algorithm, int64_t now_ms,
                                   int64_t token_lifetime_ms)
{
  CLEANUP(arena_drop) arena_t *arena = arena_new(4096, SCRATCH);
  if (arena == NULL)
    return ERR_NO_MEMORY;
  key_rotation_t rotation;
  error_code_t error = key_rotation_begin(&rotation, keys, arena, algorithm, now_ms, token_lifetime_ms);
  if (error != ERR_NONE)
    return error;
  error = store_run(keys->store, &rotation.job);
  error_code_t ended = key_rotation_end(&rotation);
  return error != ERR_NONE ? error : ended;
}

/* --- removal of dead keys --- */

typedef struct removal {
  store_job_t job;
  int64_t now_ms;
} removal_t;

static error_code_t removal_apply(database_t *database, store_job_t *job)
{
  return key_drop_dead(database, ((removal_t *)job)->now_ms);
}

static bool row_is_dead(const key_row_t *row, int64_t now_ms)
{
  return row->state == KEY_PREVIOUS && row->expires_ms < now_ms;
}

static error_code_t removal_publish(signing_keys_t *keys, int64_t now_ms)
{
  CLEANUP(arena_drop) arena_t *arena = arena_new(4096, SCRATCH);
  if (arena == NULL)
    return ERR_NO_MEMORY;
  const key_set_t *old = signing_keys_now(keys);
  key_row_t rows[KEY_SET_MAX] = {0};
  const signing_key_t *published[KEY_SET_MAX] = {NULL};
  const signing_key_t *dead[KEY_SET_MAX];
  size_t count = 0, dead_count = 0;
  for (size_t i = 0; i < old->count; i++) {
    if (row_is_dead(&old->rows[i], now_ms)) {
      dead[dead_count++] = old->published[i];
      continue;
    }
    rows[count] = old->rows[i];
    published[count++] = old->published[i];
  }
  key_set_t *set;
  error_code_t error = set_new(arena, rows, published, count, &set);
  if (error != ERR_NONE)
    return error;
  set_publish(keys, set);
  for (size_t i = 0; i < dead_count; i++)
    retire_later(keys->retire, (void *)(uintptr_t)dead[i], key_release);
  return ERR_NONE;
}

static error_code_t remove_dead(signing_keys_t *keys, int64_t now_ms)
{
  const key_set_t *set = signing_keys_now(keys);
  bool any = false;
  for (size_t i = 0; i < set->count; i++)
    any = any || row_is_dead(&set->rows[i], now_ms);
  if (!any || atomic_flag_test_and_set(&keys->changing))
    return ERR_NONE;
  removal_t removal = {.job = {.apply = removal_apply}, .now_ms = now_ms};
  error_code_t error = store_run(keys->store, &removal.job);
  if (error == ERR_NONE)
    error = removal_publish(keys, now_ms);
  atomic_flag_clear(&keys->changing);
  return error;
}

/* Old, or of another algorithm than is configured: then twice, as the next key is of the old one, too. */
static bool rotation_is_due(const key_set_t *set, signature_algorithm_t algorithm, int64_t now_ms)
{
  for (size_t i = 0; i < set->count; i++)
    if (set->rows[i].state == KEY_CURRENT)
      return set->rows[i].algorithm != (int)algorithm ||
             now_ms - set->rows[i].activated_ms >= KEY_ROTATION_AGE_MS;
  return false;
}

error_code_t signing_keys_maintain(signing_keys_t *keys, signature_algorithm_t algorithm, int64_t now_ms,
                                   int64_t token_lifetime_ms, bool *ret_rotated)
{
  bool rotated = false;
  error_code_t error = remove_dead(keys, now_ms);
  if (error == ERR_NONE && rotation_is_due(signing_keys_now(keys), algorithm, now_ms)) {
    error = rotate_waiting(keys, algorithm, now_ms, token_lifetime_ms);
    rotated = error == ERR_NONE;
  }
  *ret_rotated = rotated;
  return error == ERR_CONFLICT ? ERR_NONE : error;
}

/* --- other nodes --- */

/* Every key is made anew: who still reads an old set still reads its keys. */
static error_code_t replace_all(signing_keys_t *keys, arena_t *arena)
{
  key_row_t rows[KEY_SET_MAX];
  signing_key_t *loaded[KEY_SET_MAX] = {0};
  size_t count = 0, opened = 0;
  key_set_t *set;
  error_code_t error = keys_read(keys, arena, rows, &count);
  if (error == ERR_NONE)
    error = rows_open(keys, arena, rows, count, loaded, &opened, NULL);
  if (error == ERR_NONE)
    error = set_new(arena, rows, (const signing_key_t *const *)loaded, count, &set);
  if (error != ERR_NONE) {
    keys_free(loaded, &opened);
    return error;
  }
  const key_set_t *old = signing_keys_now(keys);
  for (size_t i = 0; i < old->count; i++)
    retire_later(keys->retire, (void *)(uintptr_t)old->published[i], key_release);
  set_publish(keys, set);
  return ERR_NONE;
}

error_code_t signing_keys_read_again(signing_keys_t *keys)
{
  CLEANUP(arena_drop) arena_t *arena = arena_new(4096, SCRATCH);
  if (arena == NULL)
    return ERR_NO_MEMORY;
  if (atomic_flag_test_and_set(&keys->changing))
    return ERR_CONFLICT;
  error_code_t error = replace_all(keys, arena);
  atomic_flag_clear(&keys->changing);
  return error;
}
