#include "store/authority_consents.h"

error_code_t consent_find(database_t *database, arena_t *arena, bytes_t subject, bytes_t client,
                          bytes_t *ret_scope)
{
  statement_t *statement =
      database_statement(database, "SELECT scope FROM consents WHERE subject = ?1 AND client = ?2");
  statement_bind_text(statement, 1, subject);
  statement_bind_text(statement, 2, client);
  bool found;
  *ret_scope = BYTES_NONE;
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE || !found)
    return error;
  *ret_scope = statement_text_copy(statement, 0, arena);
  statement_reset(statement);
  return ret_scope->data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

error_code_t consent_each(database_t *database, bytes_t subject, consent_visit_t *visit, void *context)
{
  statement_t *statement = database_statement(
      database, "SELECT client, scope, granted_ms FROM consents WHERE subject = ?1 ORDER BY client LIMIT ?2");
  statement_bind_text(statement, 1, subject);
  statement_bind_integer(statement, 2, CONSENTS_MAX);
  bool found = true;
  error_code_t error = ERR_NONE;
  while ((error = statement_step(statement, &found)) == ERR_NONE && found)
    visit(context, statement_text(statement, 0), statement_text(statement, 1),
          statement_integer(statement, 2));
  return error;
}

error_code_t consent_put(database_t *database, bytes_t subject, bytes_t client, bytes_t scope, int64_t now_ms)
{
  statement_t *statement = database_statement(
      database,
      "INSERT INTO consents (subject, client, scope, granted_ms) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (subject, client) DO UPDATE SET scope = excluded.scope, granted_ms = excluded.granted_ms");
  statement_bind_text(statement, 1, subject);
  statement_bind_text(statement, 2, client);
  statement_bind_text(statement, 3, scope);
  statement_bind_integer(statement, 4, now_ms);
  return statement_run(statement, NULL);
}

error_code_t consent_withdraw(database_t *database, bytes_t client, bytes_t subject, int64_t *ret_count)
{
  statement_t *statement =
      database_statement(database, "DELETE FROM consents WHERE client = ?1 AND (?2 = '' OR subject = ?2)");
  statement_bind_text(statement, 1, client);
  statement_bind_text(statement, 2, subject);
  return statement_run(statement, ret_count);
}
