#include "store/authority_claims.h"

error_code_t grant_claims_add(database_t *database, int64_t row, const grant_t *grant,
                              const grant_claims_t *claims)
{
  statement_t *insert =
      database_statement(database, "INSERT INTO grant_claims (grant_id, ref, subject, scopes, claims) "
                                   "VALUES (?1, ?2, ?3, ?4, ?5)");
  statement_bind_integer(insert, 1, row);
  statement_bind_blob(insert, 2, bytes_of(grant->ref.bytes, sizeof grant->ref.bytes));
  statement_bind_text(insert, 3, grant->subject);
  statement_bind_text(insert, 4, claims->scopes);
  statement_bind_text(insert, 5, claims->claims);
  return statement_run(insert, NULL);
}

error_code_t grant_claims_find(database_t *database, arena_t *arena, grant_ref_t ref,
                               grant_claims_t *ret_claims)
{
  statement_t *select =
      database_statement(database, "SELECT scopes, claims FROM grant_claims WHERE ref = ?1");
  statement_bind_blob(select, 1, bytes_of(ref.bytes, sizeof ref.bytes));
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  *ret_claims = (grant_claims_t){.scopes = statement_text_copy(select, 0, arena),
                                 .claims = statement_text_copy(select, 1, arena)};
  statement_reset(select);
  return ret_claims->scopes.data != NULL && ret_claims->claims.data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

error_code_t grant_claims_each(database_t *database, bytes_t subject, grant_claims_visit_t *visit,
                               void *context)
{
  statement_t *select =
      database_statement(database, "SELECT grant_id, scopes FROM grant_claims WHERE subject = ?1");
  statement_bind_text(select, 1, subject);
  for (;;) {
    bool found;
    error_code_t error = statement_step(select, &found);
    if (error != ERR_NONE || !found)
      return error;
    visit(context, statement_integer(select, 0), statement_text(select, 1));
  }
}

error_code_t grant_claims_set(database_t *database, int64_t row, bytes_t claims)
{
  statement_t *update =
      database_statement(database, "UPDATE grant_claims SET claims = ?2 WHERE grant_id = ?1");
  statement_bind_integer(update, 1, row);
  statement_bind_text(update, 2, claims);
  return statement_run(update, NULL);
}
