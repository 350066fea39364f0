#include "authority/client_store.h"

#include <string.h>

#include "authority/claims.h"
#include "authority/client_metadata.h"

#define SNAPSHOT_MAX ((size_t)16 * 1024 * 1024)

struct client_snapshot {
  arena_t *arena; /* where it lies itself */
  client_table_t table;
};

typedef struct reading {
  client_snapshot_t *snapshot;
  size_t room;
} reading_t;

static error_code_t words_of(arena_t *arena, bytes_t words, text_list_t *ret_list)
{
  text_list_t list = {.items = arena_alloc(arena, (words.len / 2 + 1) * sizeof *list.items), .count = 0};
  if (list.items == NULL)
    return ERR_NO_MEMORY;
  for (bytes_t word = words_next(&words); word.len > 0; word = words_next(&words)) {
    const char *text = arena_string(arena, word);
    if (text == NULL)
      return ERR_NO_MEMORY;
    list.items[list.count++] = text;
  }
  *ret_list = list;
  return ERR_NONE;
}

/* It was checked when it was stored. */
static error_code_t read_metadata(arena_t *arena, const stored_client_t *row, config_client_t *config)
{
  CLEANUP(json_drop) json_t *metadata = NULL;
  if (row->metadata.len == 0)
    return ERR_NONE;
  error_code_t error = json_parse(row->metadata, &metadata);
  if (error == ERR_NONE)
    error = client_metadata_parse(arena, metadata, config, NULL);
  return error == ERR_NONE || error == ERR_NO_MEMORY ? error : ERR_STORE_FAILED;
}

static error_code_t config_of(arena_t *arena, const stored_client_t *row, config_client_t *config)
{
  *config = (config_client_t){.id = arena_string(arena, row->id),
                              .name = arena_string(arena, row->name),
                              .credential.jwks = arena_string(arena, row->jwks),
                              .dpop = row->dpop_bound ? DPOP_USE_REQUIRED : DPOP_USE_ALLOWED,
                              .push_required = row->push_required,
                              .third_party = row->third_party,
                              .requirement = REQUIREMENT_NONE};
  if (config->id == NULL || config->name == NULL || config->credential.jwks == NULL)
    return ERR_NO_MEMORY;
  if (!client_method_parse(row->method, &config->method))
    return ERR_STORE_FAILED;
  config->public_client = config->method == CLIENT_NONE;
  error_code_t error = read_metadata(arena, row, config);
  if (error == ERR_NONE)
    error = words_of(arena, row->redirect_uris, &config->redirect_uris);
  if (error == ERR_NONE)
    error = words_of(arena, row->grant_types, &config->grant_types);
  if (error == ERR_NONE)
    error = words_of(arena, row->post_logout_redirect_uris, &config->post_logout_redirect_uris);
  return error == ERR_NONE ? words_of(arena, row->scope, &config->scopes) : error;
}

static error_code_t take_row(void *context, const stored_client_t *row)
{
  reading_t *reading = context;
  client_snapshot_t *snapshot = reading->snapshot;
  if (snapshot->table.count == reading->room)
    return ERR_STORE_FAILED;
  config_client_t *config = arena_alloc(snapshot->arena, sizeof *config);
  error_code_t error = config != NULL ? config_of(snapshot->arena, row, config) : ERR_NO_MEMORY;
  if (error != ERR_NONE)
    return error;
  client_t *client = &snapshot->table.clients[snapshot->table.count++];
  *client = (client_t){.config = config,
                       .secret = row->secret,
                       .previous = row->previous,
                       .previous_until_ms = row->previous_until_ms};
  return client_keys_read(snapshot->arena, client, NULL);
}

error_code_t client_snapshot_read(database_t *database, client_snapshot_t **ret_snapshot)
{
  int64_t count;
  error_code_t error = stored_client_count(database, &count);
  if (error != ERR_NONE)
    return error;
  arena_t *arena = arena_new(4096, SNAPSHOT_MAX);
  client_snapshot_t *snapshot = arena != NULL ? arena_alloc(arena, sizeof *snapshot) : NULL;
  if (snapshot == NULL) {
    arena_free(arena);
    return ERR_NO_MEMORY;
  }
  snapshot->arena = arena;
  reading_t reading = {snapshot, (size_t)count};
  snapshot->table.clients = arena_alloc(arena, (reading.room + 1) * sizeof *snapshot->table.clients);
  error = snapshot->table.clients != NULL ? stored_client_each(database, arena, take_row, &reading)
                                          : ERR_NO_MEMORY;
  if (error == ERR_NONE)
    error = client_table_find_origins(arena, &snapshot->table);
  if (error == ERR_NONE)
    *ret_snapshot = snapshot;
  else
    client_snapshot_free(snapshot);
  return error;
}

void client_snapshot_free(client_snapshot_t *snapshot)
{
  if (snapshot == NULL)
    return;
  client_table_done(&snapshot->table);
  arena_free(snapshot->arena);
}

static void release(void *object)
{
  client_snapshot_free(object);
}

void client_store_publish(client_store_t *store, client_snapshot_t *snapshot)
{
  const client_snapshot_t *old = atomic_exchange(&store->now, snapshot);
  retire_later(store->retire, (void *)(uintptr_t)old, release);
}

void client_store_done(client_store_t *store)
{
  client_snapshot_free((client_snapshot_t *)(uintptr_t)atomic_load(&store->now));
}

const client_table_t *client_store_now(const client_store_t *store)
{
  static const client_table_t none;
  const client_snapshot_t *snapshot = store != NULL ? atomic_load(&store->now) : NULL;
  return snapshot != NULL ? &snapshot->table : &none;
}
