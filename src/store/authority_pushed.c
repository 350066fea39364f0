#include "store/authority_pushed.h"

#include <string.h>

#include "base/secret.h"

#define SWEEP_BATCH 200
#define KEPT_MS ((int64_t)3600 * 1000) /* longer than a person may take to finish */

error_code_t pushed_add(database_t *database, const pushed_row_t *row, int64_t *ret_id)
{
  statement_t *statement = database_statement(
      database,
      "INSERT INTO pushed_requests (handle_hash, client, query, expires_ms) VALUES (?1, ?2, ?3, ?4)");
  statement_bind_blob(statement, 1, bytes_of(row->handle_hash, sizeof row->handle_hash));
  statement_bind_text(statement, 2, row->client);
  statement_bind_blob(statement, 3, row->query);
  statement_bind_integer(statement, 4, row->expires_ms);
  error_code_t error = statement_run(statement, NULL);
  if (error == ERR_NONE)
    *ret_id = database_last_row(database);
  return error;
}

static error_code_t row_read(statement_t *statement, arena_t *arena, pushed_row_t *ret_row)
{
  pushed_row_t row = {.client = statement_text_copy(statement, 1, arena),
                      .query = statement_blob_copy(statement, 2, arena),
                      .expires_ms = statement_integer(statement, 3)};
  if (!statement_blob_exact(statement, 0, row.handle_hash, sizeof row.handle_hash))
    return ERR_STORE_FAILED;
  if (row.client.data == NULL || row.query.data == NULL)
    return ERR_NO_MEMORY;
  *ret_row = row;
  return ERR_NONE;
}

error_code_t pushed_find(database_t *database, arena_t *arena, int64_t id, const uint8_t handle_hash[32],
                         int64_t now_ms, pushed_row_t *ret_row)
{
  statement_t *statement =
      database_statement(database, "SELECT handle_hash, client, query, expires_ms FROM pushed_requests "
                                   "WHERE id = ?1 AND expires_ms > ?2 AND used_ms IS NULL");
  statement_bind_integer(statement, 1, id);
  statement_bind_integer(statement, 2, now_ms);
  bool found;
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE || !found)
    return error != ERR_NONE ? error : ERR_PUSHED_REQUEST;
  error = row_read(statement, arena, ret_row);
  statement_reset(statement);
  if (error == ERR_NONE && !secret_equal(bytes_of(ret_row->handle_hash, 32), bytes_of(handle_hash, 32)))
    error = ERR_PUSHED_REQUEST;
  return error;
}

error_code_t pushed_use(database_t *database, int64_t id, int64_t now_ms)
{
  statement_t *statement = database_statement(
      database, "UPDATE pushed_requests SET used_ms = ?2 WHERE id = ?1 AND used_ms IS NULL");
  statement_bind_integer(statement, 1, id);
  statement_bind_integer(statement, 2, now_ms);
  int64_t changes;
  error_code_t error = statement_run(statement, &changes);
  return error == ERR_NONE && changes != 1 ? ERR_PUSHED_REQUEST : error;
}

/* The oldest rows alone: all live equally long. The ids have no gaps. */
error_code_t pushed_sweep(database_t *database, int64_t now_ms, bool *ret_more)
{
  statement_t *statement = database_statement(
      database,
      "DELETE FROM pushed_requests WHERE id IN (SELECT id FROM pushed_requests ORDER BY id LIMIT ?2) "
      "AND (expires_ms < ?1 OR id <= (SELECT max(id) FROM pushed_requests) - ?3)");
  statement_bind_integer(statement, 1, now_ms - KEPT_MS);
  statement_bind_integer(statement, 2, SWEEP_BATCH);
  statement_bind_integer(statement, 3, PUSHED_MAX);
  int64_t changes;
  error_code_t error = statement_run(statement, &changes);
  if (error == ERR_NONE)
    *ret_more = changes == SWEEP_BATCH;
  return error;
}
