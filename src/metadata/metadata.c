#include "metadata/metadata.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_MAX ((size_t)64 * 1024 * 1024) /* of names, roots, reports and icons */
#define STATEMENT_ARENA ((size_t)16 * 1024 * 1024)

/* Bytes that several models share: vendors give one icon and one root to all their models. */
typedef struct shared {
  bytes_t *items;
  size_t count, capacity;
} shared_t;

typedef struct key_row {
  const uint8_t *identifier;
  const metadata_model_t *model;
} key_row_t;

struct metadata {
  atomic_size_t references;
  arena_t *kept;
  metadata_model_t *models;
  size_t count, capacity;
  shared_t certificates, icons;
  size_t icons_length;
  key_row_t *keys; /* sorted by identifier */
  size_t key_count;
};

error_code_t metadata_new(metadata_t **ret_metadata)
{
  metadata_t *metadata = calloc(1, sizeof *metadata);
  if (metadata == NULL)
    return ERR_NO_MEMORY;
  metadata->kept = arena_new((size_t)64 * 1024, KEPT_MAX);
  if (metadata->kept == NULL) {
    free(metadata);
    return ERR_NO_MEMORY;
  }
  atomic_init(&metadata->references, 1);
  *ret_metadata = metadata;
  return ERR_NONE;
}

metadata_t *metadata_hold(metadata_t *metadata)
{
  atomic_fetch_add_explicit(&metadata->references, 1, memory_order_relaxed);
  return metadata;
}

void metadata_release(metadata_t *metadata)
{
  if (metadata == NULL || atomic_fetch_sub_explicit(&metadata->references, 1, memory_order_acq_rel) != 1)
    return;
  arena_free(metadata->kept);
  free(metadata->models);
  free(metadata->certificates.items);
  free(metadata->icons.items);
  free(metadata->keys);
  free(metadata);
}

/* Room for one more in an array that doubles; array stays when there is no memory. */
static bool make_room(void **array, size_t *capacity, size_t count, size_t size)
{
  if (count < *capacity)
    return true;
  size_t wanted = *capacity == 0 ? 64 : *capacity * 2;
  void *grown = reallocarray(*array, wanted, size);
  if (grown == NULL)
    return false;
  *array = grown;
  *capacity = wanted;
  return true;
}

static error_code_t share(arena_t *kept, shared_t *shared, bytes_t *bytes)
{
  for (size_t i = 0; i < shared->count; i++) {
    if (bytes_equal(shared->items[i], *bytes)) {
      *bytes = shared->items[i];
      return ERR_NONE;
    }
  }
  bytes_t copy = arena_copy(kept, *bytes);
  if (copy.data == NULL ||
      !make_room((void **)&shared->items, &shared->capacity, shared->count, sizeof *shared->items))
    return ERR_NO_MEMORY;
  shared->items[shared->count++] = copy;
  *bytes = copy;
  return ERR_NONE;
}

static error_code_t keep(arena_t *kept, bytes_t *bytes)
{
  if (bytes->len == 0)
    return ERR_NONE;
  *bytes = arena_copy(kept, *bytes);
  return bytes->data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

static error_code_t keep_icon(metadata_t *metadata, bytes_t *icon)
{
  size_t before = metadata->icons.count, len = icon->len;
  if (len > 0 && metadata->icons_length + len > METADATA_ICONS_MAX_LENGTH)
    *icon = BYTES_NONE;
  if (icon->len == 0)
    return ERR_NONE;
  error_code_t code = share(metadata->kept, &metadata->icons, icon);
  if (metadata->icons.count > before)
    metadata->icons_length += len;
  return code;
}

static error_code_t keep_roots(metadata_t *metadata, metadata_model_t *model)
{
  bytes_t *roots = arena_alloc(metadata->kept, model->root_count * sizeof *roots);
  error_code_t code = roots != NULL ? ERR_NONE : ERR_NO_MEMORY;
  for (size_t i = 0; i < model->root_count && code == ERR_NONE; i++) {
    roots[i] = model->roots[i];
    code = share(metadata->kept, &metadata->certificates, &roots[i]);
  }
  model->roots = roots;
  return code;
}

static error_code_t keep_reports(metadata_t *metadata, metadata_model_t *model)
{
  metadata_report_t *reports = arena_alloc(metadata->kept, model->report_count * sizeof *reports);
  error_code_t code = reports != NULL ? ERR_NONE : ERR_NO_MEMORY;
  for (size_t i = 0; i < model->report_count && code == ERR_NONE; i++) {
    reports[i] = model->reports[i];
    code = keep(metadata->kept, &reports[i].certificate);
  }
  model->reports = reports;
  return code;
}

error_code_t metadata_add(metadata_t *metadata, const metadata_model_t *model)
{
  if (!make_room((void **)&metadata->models, &metadata->capacity, metadata->count, sizeof *model))
    return ERR_NO_MEMORY;
  metadata_model_t copy = *model;
  error_code_t code = keep(metadata->kept, &copy.key_identifiers);
  if (code == ERR_NONE)
    code = keep(metadata->kept, &copy.name);
  if (code == ERR_NONE)
    code = keep(metadata->kept, &copy.name_ja);
  if (code == ERR_NONE)
    code = keep_icon(metadata, &copy.icon);
  if (code == ERR_NONE)
    code = keep_roots(metadata, &copy);
  if (code == ERR_NONE)
    code = keep_reports(metadata, &copy);
  if (code == ERR_NONE)
    metadata->models[metadata->count++] = copy;
  return code;
}

error_code_t metadata_add_statement(metadata_t *metadata, bytes_t json, error_detail_t *detail)
{
  CLEANUP(json_drop) json_t *statement = NULL;
  error_code_t code = json_parse(json, &statement);
  if (code == ERR_NO_MEMORY)
    return code;
  if (code != ERR_NONE || !json_is_object(statement))
    return error_because(detail, ERR_METADATA, "the statement is no strict JSON object");
  arena_t *scratch = arena_new(4096, STATEMENT_ARENA);
  if (scratch == NULL)
    return ERR_NO_MEMORY;
  metadata_model_t model;
  bool found = false;
  code = metadata_model_parse_statement(scratch, statement, &model, &found, detail);
  if (code == ERR_NONE && (!found || model.is_unusable))
    code = error_because(detail, ERR_METADATA, "%s",
                         found ? "a member of the statement is not of its type"
                               : "the statement is of no model: it has neither aaguid nor key identifiers");
  if (code == ERR_NONE)
    code = metadata_add(metadata, &model);
  arena_free(scratch);
  return code;
}

void metadata_truncate(metadata_t *metadata, size_t count)
{
  if (metadata->count > count)
    metadata->count = count;
}

/* Models without an AAGUID come first, as if it were zero; none is ever asked for by that. */
static int compare_models(const void *a, const void *b)
{
  const metadata_model_t *first = a, *second = b;
  return memcmp(first->aaguid.bytes, second->aaguid.bytes, sizeof first->aaguid.bytes);
}

static int compare_keys(const void *a, const void *b)
{
  const key_row_t *first = a, *second = b;
  return memcmp(first->identifier, second->identifier, KEY_IDENTIFIER_LENGTH);
}

error_code_t metadata_seal(metadata_t *metadata)
{
  size_t count = 0;
  if (metadata->count > 0)
    qsort(metadata->models, metadata->count, sizeof *metadata->models, compare_models);
  for (size_t i = 0; i < metadata->count; i++)
    count += metadata->models[i].key_identifiers.len / KEY_IDENTIFIER_LENGTH;
  metadata->keys = calloc(count + 1, sizeof *metadata->keys);
  if (metadata->keys == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < metadata->count; i++) {
    const metadata_model_t *model = &metadata->models[i];
    for (size_t at = 0; at < model->key_identifiers.len; at += KEY_IDENTIFIER_LENGTH)
      metadata->keys[metadata->key_count++] = (key_row_t){model->key_identifiers.data + at, model};
  }
  qsort(metadata->keys, count, sizeof *metadata->keys, compare_keys);
  return ERR_NONE;
}

size_t metadata_count(const metadata_t *metadata)
{
  return metadata->count;
}

const metadata_model_t *metadata_at(const metadata_t *metadata, size_t index)
{
  return &metadata->models[index];
}

const metadata_model_t *metadata_find(const metadata_t *metadata, bytes_t aaguid, size_t *ret_count)
{
  metadata_model_t wanted = {0};
  *ret_count = 0;
  if (aaguid.len != sizeof wanted.aaguid.bytes || metadata->count == 0)
    return NULL;
  memcpy(wanted.aaguid.bytes, aaguid.data, aaguid.len);
  const metadata_model_t *found =
      bsearch(&wanted, metadata->models, metadata->count, sizeof wanted, compare_models);
  if (found == NULL || !found->has_aaguid)
    return NULL;
  const metadata_model_t *first = found, *end = metadata->models + metadata->count;
  while (first > metadata->models && compare_models(first - 1, found) == 0)
    first--;
  while (first + *ret_count < end && compare_models(first + *ret_count, found) == 0)
    ++*ret_count;
  return first;
}

const metadata_model_t *metadata_find_by_key(const metadata_t *metadata, bytes_t key_identifier)
{
  const key_row_t wanted = {.identifier = key_identifier.data};
  if (key_identifier.len != KEY_IDENTIFIER_LENGTH || metadata->key_count == 0)
    return NULL;
  const key_row_t *found = bsearch(&wanted, metadata->keys, metadata->key_count, sizeof wanted, compare_keys);
  return found != NULL ? found->model : NULL;
}
