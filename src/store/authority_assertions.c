#include "store/authority_assertions.h"

#define SWEEP_BATCH 500

error_code_t assertion_put(database_t *database, const assertion_mark_t *mark, bool *ret_fresh)
{
  statement_t *statement =
      database_statement(database, "INSERT INTO client_assertions (hash, expires_ms) VALUES (?1, ?2) "
                                   "ON CONFLICT (hash) DO NOTHING");
  statement_bind_blob(statement, 1, bytes_of(mark->hash, sizeof mark->hash));
  statement_bind_integer(statement, 2, mark->expires_ms);
  int64_t changes;
  error_code_t error = statement_run(statement, &changes);
  if (error == ERR_NONE)
    *ret_fresh = changes == 1;
  return error;
}

error_code_t assertion_sweep(database_t *database, int64_t now_ms, bool *ret_more)
{
  statement_t *statement = database_statement(
      database, "DELETE FROM client_assertions WHERE hash IN (SELECT hash FROM client_assertions "
                "WHERE expires_ms < ?1 ORDER BY expires_ms LIMIT ?2)");
  statement_bind_integer(statement, 1, now_ms);
  statement_bind_integer(statement, 2, SWEEP_BATCH);
  int64_t changes;
  error_code_t error = statement_run(statement, &changes);
  if (error == ERR_NONE)
    *ret_more = changes == SWEEP_BATCH;
  return error;
}
