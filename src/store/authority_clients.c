#include "store/authority_clients.h"

static error_code_t run_on_one(database_t *database, statement_t *statement)
{
  int64_t changes;
  error_code_t error = statement_run(statement, &changes);
  if (error != ERR_NONE)
    return error;
  return changes == 1 ? database_announce(database, STORED_CLIENTS_TOPIC) : ERR_NOT_FOUND;
}

error_code_t stored_client_add(database_t *database, const stored_client_t *client)
{
  statement_t *statement = database_statement(
      database,
      "INSERT INTO clients (id, name, method, redirect_uris, grant_types, scope, jwks, secret_hash, "
      "previous_hash, previous_until_ms, created_ms, post_logout_redirect_uris, dpop_bound, push_required, "
      "third_party, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
      "?16)");
  const bytes_t texts[] = {client->id,          client->name,  client->method, client->redirect_uris,
                           client->grant_types, client->scope, client->jwks};
  for (int i = 0; i < 7; i++)
    statement_bind_text(statement, i + 1, texts[i]);
  statement_bind_blob(statement, 8, hash_bytes(&client->secret));
  statement_bind_blob(statement, 9, hash_bytes(&client->previous));
  statement_bind_integer(statement, 10, client->previous_until_ms);
  statement_bind_integer(statement, 11, client->created_ms);
  statement_bind_text(statement, 12, client->post_logout_redirect_uris);
  statement_bind_integer(statement, 13, client->dpop_bound);
  statement_bind_integer(statement, 14, client->push_required);
  statement_bind_integer(statement, 15, client->third_party);
  statement_bind_text(statement, 16, client->metadata);
  return run_on_one(database, statement);
}

error_code_t stored_client_rotate(database_t *database, bytes_t id, const sha256_t *secret, int64_t until_ms)
{
  statement_t *statement = database_statement(
      database, "UPDATE clients SET previous_hash = secret_hash, previous_until_ms = ?3, secret_hash = ?2 "
                "WHERE id = ?1 AND method IN ('client_secret_basic', 'client_secret_post')");
  statement_bind_text(statement, 1, id);
  statement_bind_blob(statement, 2, hash_bytes(secret));
  statement_bind_integer(statement, 3, until_ms);
  return run_on_one(database, statement);
}

error_code_t stored_client_remove(database_t *database, bytes_t id)
{
  statement_t *statement = database_statement(database, "DELETE FROM clients WHERE id = ?1");
  statement_bind_text(statement, 1, id);
  return run_on_one(database, statement);
}

error_code_t stored_client_check(database_t *database, bytes_t id)
{
  bool row;
  statement_t *statement = database_statement(database, "SELECT 1 FROM clients WHERE id = ?1");
  statement_bind_text(statement, 1, id);
  error_code_t error = statement_step(statement, &row);
  if (error != ERR_NONE || !row)
    return error != ERR_NONE ? error : ERR_NOT_FOUND;
  statement_reset(statement);
  return ERR_NONE;
}

static error_code_t row_read(statement_t *statement, arena_t *arena, stored_client_t *ret_client)
{
  stored_client_t client = {.previous_until_ms = statement_integer(statement, 9),
                            .created_ms = statement_integer(statement, 10),
                            .dpop_bound = statement_integer(statement, 12) != 0,
                            .push_required = statement_integer(statement, 13) != 0,
                            .third_party = statement_integer(statement, 14) != 0};
  const struct {
    int column;
    bytes_t *text;
  } texts[] = {{0, &client.id},          {1, &client.name},
               {2, &client.method},      {3, &client.redirect_uris},
               {4, &client.grant_types}, {5, &client.scope},
               {6, &client.jwks},        {11, &client.post_logout_redirect_uris},
               {15, &client.metadata}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    bytes_t text = statement_text(statement, texts[i].column);
    *texts[i].text = text.len > 0 ? arena_copy(arena, text) : BYTES_NONE;
    if (text.len > 0 && texts[i].text->data == NULL)
      return ERR_NO_MEMORY;
  }
  if (!statement_blob_exact(statement, 7, client.secret.bytes, sizeof client.secret.bytes) ||
      !statement_blob_exact(statement, 8, client.previous.bytes, sizeof client.previous.bytes))
    return ERR_STORE_FAILED;
  *ret_client = client;
  return ERR_NONE;
}

error_code_t stored_client_each(database_t *database, arena_t *arena, stored_client_visit_t *visit,
                                void *context)
{
  statement_t *statement = database_statement(
      database,
      "SELECT id, name, method, redirect_uris, grant_types, scope, jwks, secret_hash, previous_hash, "
      "previous_until_ms, created_ms, post_logout_redirect_uris, dpop_bound, push_required, third_party, "
      "metadata FROM clients ORDER BY created_ms, id");
  for (;;) {
    bool row;
    stored_client_t client;
    error_code_t error = statement_step(statement, &row);
    if (error != ERR_NONE || !row)
      return error;
    error = row_read(statement, arena, &client);
    if (error == ERR_NONE)
      error = visit(context, &client);
    if (error != ERR_NONE) {
      statement_reset(statement);
      return error;
    }
  }
}

error_code_t stored_client_count(database_t *database, int64_t *ret_count)
{
  bool row;
  statement_t *statement = database_statement(database, "SELECT count(*) FROM clients");
  error_code_t error = statement_step(statement, &row);
  if (error != ERR_NONE)
    return error;
  *ret_count = row ? statement_integer(statement, 0) : 0;
  statement_reset(statement);
  return ERR_NONE;
}
