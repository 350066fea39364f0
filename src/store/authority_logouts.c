#include "store/authority_logouts.h"

#define SWEEP_BATCH 200

error_code_t logout_receiver_put(database_t *database, bytes_t session, bytes_t client, bytes_t subject,
                                 int64_t expires_ms)
{
  statement_t *statement = database_statement(
      database, "INSERT INTO logout_receivers (session, client, subject, expires_ms) VALUES (?1, ?2, ?3, ?4) "
                "ON CONFLICT (session, client) DO UPDATE SET "
                "expires_ms = MAX(logout_receivers.expires_ms, ?4)");
  statement_bind_text(statement, 1, session);
  statement_bind_text(statement, 2, client);
  statement_bind_text(statement, 3, subject);
  statement_bind_integer(statement, 4, expires_ms);
  return statement_run(statement, NULL);
}

error_code_t logout_enqueue(database_t *database, bytes_t session, int64_t now_ms, int64_t expires_ms,
                            int64_t *ret_count)
{
  statement_t *insert = database_statement(
      database, "INSERT INTO logouts (client, subject, session, attempts, due_ms, expires_ms) "
                "SELECT client, subject, session, 0, ?2, ?3 FROM logout_receivers WHERE session = ?1");
  statement_bind_text(insert, 1, session);
  statement_bind_integer(insert, 2, now_ms);
  statement_bind_integer(insert, 3, expires_ms);
  error_code_t error = statement_run(insert, ret_count);
  if (error != ERR_NONE || *ret_count == 0)
    return error;
  statement_t *remove = database_statement(database, "DELETE FROM logout_receivers WHERE session = ?1");
  statement_bind_text(remove, 1, session);
  return statement_run(remove, NULL);
}

error_code_t logout_each_due(database_t *database, arena_t *arena, int64_t now_ms, int64_t most,
                             const bytes_t busy[LOGOUT_BUSY_MAX], logout_visit_t *visit, void *context)
{
  statement_t *statement = database_statement(
      database, "SELECT id, attempts, expires_ms, client, subject, session FROM logouts WHERE due_ms <= ?1 "
                "AND client <> ?3 AND client <> ?4 ORDER BY due_ms LIMIT ?2");
  statement_bind_integer(statement, 1, now_ms);
  statement_bind_integer(statement, 2, most);
  statement_bind_text(statement, 3, busy[0]);
  statement_bind_text(statement, 4, busy[1]);
  for (;;) {
    bool found;
    error_code_t error = statement_step(statement, &found);
    if (error != ERR_NONE || !found)
      return error;
    const logout_row_t row = {.id = statement_integer(statement, 0),
                              .attempts = statement_integer(statement, 1),
                              .expires_ms = statement_integer(statement, 2),
                              .client = statement_text_copy(statement, 3, arena),
                              .subject = statement_text_copy(statement, 4, arena),
                              .session = statement_text_copy(statement, 5, arena)};
    bool copied = row.client.len > 0 && row.subject.len > 0 && row.session.len > 0;
    if (!copied || !visit(context, &row)) {
      statement_reset(statement);
      return copied ? ERR_NONE : ERR_NO_MEMORY;
    }
  }
}

error_code_t logout_remove(database_t *database, int64_t id)
{
  statement_t *statement = database_statement(database, "DELETE FROM logouts WHERE id = ?1");
  statement_bind_integer(statement, 1, id);
  return statement_run(statement, NULL);
}

error_code_t logout_defer(database_t *database, int64_t id, bytes_t client, int64_t due_ms)
{
  statement_t *count =
      database_statement(database, "UPDATE logouts SET attempts = attempts + 1 WHERE id = ?1");
  statement_bind_integer(count, 1, id);
  error_code_t error = statement_run(count, NULL);
  if (error != ERR_NONE)
    return error;
  statement_t *defer =
      database_statement(database, "UPDATE logouts SET due_ms = ?2 WHERE client = ?1 AND due_ms < ?2");
  statement_bind_text(defer, 1, client);
  statement_bind_integer(defer, 2, due_ms);
  return statement_run(defer, NULL);
}

error_code_t logout_forget_client(database_t *database, bytes_t client)
{
  statement_t *queued = database_statement(database, "DELETE FROM logouts WHERE client = ?1");
  statement_bind_text(queued, 1, client);
  error_code_t error = statement_run(queued, NULL);
  if (error != ERR_NONE)
    return error;
  statement_t *receivers = database_statement(database, "DELETE FROM logout_receivers WHERE client = ?1");
  statement_bind_text(receivers, 1, client);
  return statement_run(receivers, NULL);
}

/* What is given up is removed, and said, by whoever tries it; the queue's own expiry is long behind that. */
error_code_t logout_sweep(database_t *database, int64_t now_ms, bool *ret_more)
{
  int64_t changes;
  statement_t *statement = database_statement(
      database, "DELETE FROM logout_receivers WHERE (session, client) IN (SELECT session, client FROM "
                "logout_receivers WHERE expires_ms < ?1 ORDER BY expires_ms LIMIT ?2)");
  statement_bind_integer(statement, 1, now_ms);
  statement_bind_integer(statement, 2, SWEEP_BATCH);
  error_code_t error = statement_run(statement, &changes);
  *ret_more = error == ERR_NONE && changes == SWEEP_BATCH;
  return error;
}
