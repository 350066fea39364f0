#include "store/rp_claims.h"

#include "store/rp_outbox.h"

error_code_t rp_claims_each(database_t *database, rp_user_id_t user, rp_claim_visit_t *visit, void *context)
{
  statement_t *select =
      database_statement(database, "SELECT name, value FROM user_claims WHERE user_id = ?1 ORDER BY name");
  statement_bind_integer(select, 1, user.row);
  for (;;) {
    bool found = false;
    error_code_t error = statement_step(select, &found);
    if (error != ERR_NONE || !found)
      return error;
    visit(context, statement_text(select, 0), statement_text(select, 1));
  }
}

error_code_t rp_claim_set(database_t *database, rp_user_id_t user, bytes_t name, bytes_t value)
{
  statement_t *upsert =
      database_statement(database, "INSERT INTO user_claims (user_id, name, value) VALUES (?1, ?2, ?3) "
                                   "ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value");
  statement_bind_integer(upsert, 1, user.row);
  statement_bind_text(upsert, 2, name);
  statement_bind_text(upsert, 3, value);
  return statement_run(upsert, NULL);
}

error_code_t rp_claim_clear(database_t *database, rp_user_id_t user, bytes_t name)
{
  statement_t *delete =
      database_statement(database, "DELETE FROM user_claims WHERE user_id = ?1 AND name = ?2");
  statement_bind_integer(delete, 1, user.row);
  statement_bind_text(delete, 2, name);
  return statement_run(delete, NULL);
}

/* --- who was told --- */

error_code_t rp_disclosure_add(database_t *database, rp_session_id_t session, bytes_t domain, bytes_t scope,
                               bool *ret_added)
{
  statement_t *insert =
      database_statement(database, "INSERT INTO claim_disclosures (session_id, domain, scope) "
                                   "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");
  statement_bind_integer(insert, 1, session.row);
  statement_bind_text(insert, 2, domain);
  statement_bind_text(insert, 3, scope);
  int64_t changes = 0;
  error_code_t error = statement_run(insert, &changes);
  *ret_added = changes > 0;
  return error;
}

error_code_t rp_disclosure_renew(database_t *database, rp_user_id_t user)
{
  statement_t *update =
      database_statement(database, "UPDATE claim_disclosures SET pending = pending + 1 WHERE session_id IN "
                                   "(SELECT id FROM sessions WHERE user_id = ?1)");
  statement_bind_integer(update, 1, user.row);
  error_code_t error = statement_run(update, NULL);
  return error == ERR_NONE ? database_announce(database, RP_OUTBOX_TOPIC) : error;
}

static error_code_t scopes_find(database_t *database, arena_t *arena, bytes_t domain, rp_user_id_t user,
                                bytes_t *ret_scopes)
{
  statement_t *select = database_statement(
      database, "SELECT group_concat(scope, ' ') FROM (SELECT DISTINCT scope FROM claim_disclosures "
                "WHERE domain = ?1 AND session_id IN (SELECT id FROM sessions WHERE user_id = ?2)) AS told");
  statement_bind_text(select, 1, domain);
  statement_bind_integer(select, 2, user.row);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  *ret_scopes = found ? statement_text_copy(select, 0, arena) : BYTES_NONE;
  statement_reset(select);
  return ret_scopes->len > 0 ? ERR_NONE : ERR_NO_MEMORY;
}

error_code_t rp_disclosure_next(database_t *database, arena_t *arena, bytes_t domain,
                                rp_disclosure_t *ret_disclosure)
{
  statement_t *select = database_statement(
      database, "SELECT users.id, users.handle, max(pending) FROM claim_disclosures "
                "JOIN sessions ON sessions.id = session_id JOIN users ON users.id = sessions.user_id "
                "WHERE domain = ?1 AND pending > 0 GROUP BY users.id LIMIT 1");
  statement_bind_text(select, 1, domain);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  rp_disclosure_t disclosure = {.user = {statement_integer(select, 0)},
                                .pending = statement_integer(select, 2)};
  bool whole = statement_blob_exact(select, 1, disclosure.user_handle, sizeof(disclosure.user_handle));
  statement_reset(select);
  error =
      whole ? scopes_find(database, arena, domain, disclosure.user, &disclosure.scopes) : ERR_STORE_FAILED;
  if (error == ERR_NONE)
    *ret_disclosure = disclosure;
  return error;
}

error_code_t rp_disclosure_delivered(database_t *database, bytes_t domain, const rp_disclosure_t *disclosure)
{
  statement_t *update = database_statement(
      database, "UPDATE claim_disclosures SET pending = 0 WHERE domain = ?1 AND pending <= ?3 "
                "AND session_id IN (SELECT id FROM sessions WHERE user_id = ?2)");
  statement_bind_text(update, 1, domain);
  statement_bind_integer(update, 2, disclosure->user.row);
  statement_bind_integer(update, 3, disclosure->pending);
  return statement_run(update, NULL);
}
