#include "store/authority_requests.h"

#include <string.h>

#include "base/secret.h"

#define SWEEP_BATCH 200

error_code_t request_add(database_t *database, const stored_request_t *request, int64_t *ret_row)
{
  statement_t *statement = database_statement(
      database, "INSERT INTO requests (handle_hash, browser, request, query, expires_ms, pushed) "
                "VALUES (?1, ?2, ?3, ?4, ?5, NULLIF(?6, 0))");
  statement_bind_blob(statement, 1, bytes_of(request->handle_hash, sizeof request->handle_hash));
  statement_bind_blob(statement, 2, bytes_of(request->browser, sizeof request->browser));
  statement_bind_blob(statement, 3, bytes_of(request->request, sizeof request->request));
  statement_bind_blob(statement, 4, request->query);
  statement_bind_integer(statement, 5, request->expires_ms);
  statement_bind_integer(statement, 6, request->pushed);
  error_code_t error = statement_run(statement, NULL);
  if (error == ERR_NONE)
    *ret_row = database_last_row(database);
  return error;
}

static error_code_t row_read(statement_t *statement, arena_t *arena, stored_request_t *ret_request)
{
  stored_request_t request = {.expires_ms = statement_integer(statement, 4),
                              .pushed = statement_integer(statement, 5)};
  if (!statement_blob_exact(statement, 0, request.handle_hash, sizeof request.handle_hash) ||
      !statement_blob_exact(statement, 1, request.browser, sizeof request.browser) ||
      !statement_blob_exact(statement, 2, request.request, sizeof request.request))
    return ERR_STORE_FAILED;
  request.query = statement_blob_copy(statement, 3, arena);
  if (request.query.data == NULL)
    return ERR_NO_MEMORY;
  *ret_request = request;
  return ERR_NONE;
}

error_code_t request_find(database_t *database, arena_t *arena, int64_t row, const uint8_t handle_hash[32],
                          int64_t now_ms, stored_request_t *ret_request)
{
  statement_t *statement = database_statement(
      database, "SELECT handle_hash, browser, request, query, expires_ms, pushed FROM requests "
                "WHERE id = ?1 AND expires_ms > ?2 AND finished_ms IS NULL");
  statement_bind_integer(statement, 1, row);
  statement_bind_integer(statement, 2, now_ms);
  bool found;
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE || !found)
    return error != ERR_NONE ? error : ERR_HANDLE;
  stored_request_t request;
  error = row_read(statement, arena, &request);
  statement_reset(statement);
  if (error != ERR_NONE)
    return error;
  if (!secret_equal(bytes_of(request.handle_hash, 32), bytes_of(handle_hash, 32)))
    return ERR_HANDLE;
  *ret_request = request;
  return ERR_NONE;
}

error_code_t request_finish(database_t *database, int64_t row, int64_t now_ms)
{
  statement_t *statement =
      database_statement(database, "UPDATE requests SET finished_ms = ?2 "
                                   "WHERE id = ?1 AND expires_ms > ?2 AND finished_ms IS NULL");
  statement_bind_integer(statement, 1, row);
  statement_bind_integer(statement, 2, now_ms);
  int64_t changes;
  error_code_t error = statement_run(statement, &changes);
  if (error != ERR_NONE)
    return error;
  return changes == 1 ? ERR_NONE : ERR_HANDLE;
}

/* The oldest rows alone: all live equally long. The ids have no gaps. */
error_code_t request_sweep(database_t *database, int64_t now_ms, bool *ret_more)
{
  statement_t *statement = database_statement(
      database, "DELETE FROM requests WHERE id IN (SELECT id FROM requests ORDER BY id LIMIT ?2) "
                "AND (expires_ms < ?1 OR id <= (SELECT max(id) FROM requests) - ?3)");
  statement_bind_integer(statement, 1, now_ms);
  statement_bind_integer(statement, 2, SWEEP_BATCH);
  statement_bind_integer(statement, 3, REQUESTS_MAX);
  int64_t changes;
  error_code_t error = statement_run(statement, &changes);
  if (error == ERR_NONE)
    *ret_more = changes == SWEEP_BATCH;
  return error;
}
