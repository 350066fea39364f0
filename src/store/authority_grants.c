#include "store/authority_grants.h"

#include "base/secret.h"

#define SWEEP_BATCH 200
/* How long an ended session is remembered: longer than any hand-off can be under way. */
#define ENDED_SESSION_MS ((int64_t)3600 * 1000)

static error_code_t session_check_alive(database_t *database, bytes_t session)
{
  statement_t *statement = database_statement(database, "SELECT 1 FROM ended_sessions WHERE session = ?1");
  statement_bind_text(statement, 1, session);
  bool found;
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE || !found)
    return error;
  statement_reset(statement);
  return ERR_SESSION_ENDED;
}

static void bind_confirmation(statement_t *statement, int index, bytes_t confirmation)
{
  if (confirmation.len > 0)
    statement_bind_blob(statement, index, confirmation);
  else
    statement_bind_null(statement, index);
}

error_code_t grant_open(database_t *database, const grant_t *grant, const code_terms_t *code,
                        int64_t *ret_row)
{
  error_code_t error = session_check_alive(database, grant->session);
  if (error != ERR_NONE)
    return error;
  statement_t *statement = database_statement(
      database,
      "INSERT INTO grants (expires_ms, code_hash, challenge, ref, client, redirect_uri, subject, "
      "session, scope, nonce, acr, amr, levels, auth_time_ms, session_expires_ms, refreshes, "
      "confirmation, consented, outlives, details, lasting_details, tokens_until_ms) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "
      "?21, ?1)");
  statement_bind_integer(statement, 1, code->expires_ms);
  statement_bind_blob(statement, 2, bytes_of(code->hash, sizeof code->hash));
  statement_bind_blob(statement, 3, bytes_of(code->challenge, sizeof code->challenge));
  statement_bind_blob(statement, 4, bytes_of(grant->ref.bytes, sizeof grant->ref.bytes));
  statement_bind_text(statement, 5, grant->client);
  statement_bind_text(statement, 6, code->redirect_uri);
  statement_bind_text(statement, 7, grant->subject);
  statement_bind_text(statement, 8, grant->session);
  statement_bind_text(statement, 9, grant->scope);
  statement_bind_text(statement, 10, grant->nonce);
  statement_bind_text(statement, 11, grant->acr);
  statement_bind_text(statement, 12, grant->amr);
  statement_bind_text(statement, 13, grant->levels);
  statement_bind_integer(statement, 14, grant->auth_time_ms);
  statement_bind_integer(statement, 15, grant->session_expires_ms);
  statement_bind_integer(statement, 16, grant->refreshes);
  bind_confirmation(statement, 17, grant->confirmation);
  statement_bind_integer(statement, 18, grant->consented);
  statement_bind_integer(statement, 19, grant->outlives);
  statement_bind_text(statement, 20, grant->details);
  statement_bind_text(statement, 21, grant->lasting_details);
  error = statement_run(statement, NULL);
  if (error == ERR_NONE)
    *ret_row = database_last_row(database);
  return error;
}

/* The columns of the code and the session get values that nobody can present. */
error_code_t grant_open_for_client(database_t *database, const grant_t *grant, int64_t now_ms,
                                   int64_t expires_ms)
{
  uint8_t nobody[32];
  random_fill(nobody, sizeof nobody);
  statement_t *statement = database_statement(
      database,
      "INSERT INTO grants (expires_ms, redeemed_ms, code_hash, challenge, ref, client, redirect_uri, "
      "subject, session, scope, nonce, acr, amr, levels, auth_time_ms, session_expires_ms, tokens_until_ms) "
      "VALUES (?1, ?2, ?3, ?3, ?4, ?5, '-', ?6, '" GRANT_OF_NO_SESSION "', ?7, '', '', '', '{}', 0, ?1, ?1)");
  statement_bind_integer(statement, 1, expires_ms);
  statement_bind_integer(statement, 2, now_ms);
  statement_bind_blob(statement, 3, bytes_of(nobody, sizeof nobody));
  statement_bind_blob(statement, 4, bytes_of(grant->ref.bytes, sizeof grant->ref.bytes));
  statement_bind_text(statement, 5, grant->client);
  statement_bind_text(statement, 6, grant->subject);
  statement_bind_text(statement, 7, grant->scope);
  return statement_run(statement, NULL);
}

/* What redeem must know of the row beside the grant. */
typedef struct code_row {
  uint8_t hash[32], challenge[32];
  bytes_t redirect_uri;
  int64_t expires_ms, tokens_until_ms;
  bool redeemed, revoked;
} code_row_t;

static error_code_t code_row_read(statement_t *statement, arena_t *arena, code_row_t *ret_code,
                                  grant_t *ret_grant)
{
  code_row_t code = {.expires_ms = statement_integer(statement, 0),
                     .redeemed = !statement_is_null(statement, 1),
                     .revoked = !statement_is_null(statement, 2),
                     .redirect_uri = statement_text_copy(statement, 6, arena),
                     .tokens_until_ms = statement_integer(statement, 17)};
  grant_t grant = {.client = statement_text_copy(statement, 7, arena),
                   .subject = statement_text_copy(statement, 8, arena),
                   .session = statement_text_copy(statement, 9, arena),
                   .scope = statement_text_copy(statement, 10, arena),
                   .nonce = statement_text_copy(statement, 11, arena),
                   .acr = statement_text_copy(statement, 12, arena),
                   .amr = statement_text_copy(statement, 13, arena),
                   .levels = statement_text_copy(statement, 14, arena),
                   .auth_time_ms = statement_integer(statement, 15),
                   .session_expires_ms = statement_integer(statement, 16),
                   .refreshes = statement_integer(statement, 18) != 0,
                   .confirmation = statement_blob_copy(statement, 19, arena),
                   .details = statement_text_copy(statement, 20, arena)};
  if (!statement_blob_exact(statement, 3, code.hash, sizeof code.hash) ||
      !statement_blob_exact(statement, 4, code.challenge, sizeof code.challenge) ||
      !statement_blob_exact(statement, 5, grant.ref.bytes, sizeof grant.ref.bytes))
    return ERR_STORE_FAILED;
  if (grant.client.len == 0 || grant.subject.len == 0 || grant.session.len == 0 || grant.levels.len == 0 ||
      code.redirect_uri.len == 0)
    return ERR_NO_MEMORY;
  *ret_code = code;
  *ret_grant = grant;
  return ERR_NONE;
}

static error_code_t code_find(database_t *database, arena_t *arena, int64_t row, bool *ret_found,
                              code_row_t *ret_code, grant_t *ret_grant)
{
  statement_t *statement = database_statement(
      database,
      "SELECT expires_ms, redeemed_ms, revoked_ms, code_hash, challenge, ref, redirect_uri, client, "
      "subject, session, scope, nonce, acr, amr, levels, auth_time_ms, session_expires_ms, tokens_until_ms, "
      "refreshes, confirmation, details FROM grants WHERE id = ?1");
  statement_bind_integer(statement, 1, row);
  error_code_t error = statement_step(statement, ret_found);
  if (error != ERR_NONE || !*ret_found)
    return error;
  error = code_row_read(statement, arena, ret_code, ret_grant);
  statement_reset(statement);
  return error;
}

static error_code_t run_and_announce(database_t *database, statement_t *revoke)
{
  int64_t changes;
  error_code_t error = statement_run(revoke, &changes);
  return error == ERR_NONE && changes > 0 ? database_announce(database, GRANT_REVOCATIONS_TOPIC) : error;
}

error_code_t grant_revoke(database_t *database, int64_t row, int64_t now_ms)
{
  statement_t *statement =
      database_statement(database, "UPDATE grants SET revoked_ms = ?2, expires_ms = tokens_until_ms "
                                   "WHERE id = ?1 AND revoked_ms IS NULL");
  statement_bind_integer(statement, 1, row);
  statement_bind_integer(statement, 2, now_ms);
  return run_and_announce(database, statement);
}

static int64_t earlier(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* The row lives as long as anything made of it: its tokens, then the family. */
static error_code_t code_mark_redeemed(database_t *database, const code_presented_t *presented,
                                       const code_outcome_t *outcome)
{
  int64_t now_ms = presented->now_ms, tokens_until_ms = outcome->token_expires_ms;
  bool refreshes = outcome->grant.refreshes;
  int64_t absolute_ms = refreshes ? now_ms + presented->refresh_absolute_ms : 0;
  int64_t idle_ms = refreshes ? earlier(now_ms + presented->refresh_idle_ms, absolute_ms) : 0;
  statement_t *statement = database_statement(
      database, "UPDATE grants SET redeemed_ms = ?2, tokens_until_ms = ?3, idle_until_ms = ?4, "
                "absolute_until_ms = ?5, confirmation = ?6, expires_ms = MAX(?3, ?4) WHERE id = ?1");
  statement_bind_integer(statement, 1, presented->row);
  statement_bind_integer(statement, 2, now_ms);
  statement_bind_integer(statement, 3, tokens_until_ms);
  statement_bind_integer(statement, 4, idle_ms);
  statement_bind_integer(statement, 5, absolute_ms);
  bind_confirmation(statement, 6, presented->binds_refresh ? presented->confirmation : BYTES_NONE);
  return statement_run(statement, NULL);
}

static bool code_is_bound_to(const code_row_t *code, const grant_t *grant, const code_presented_t *presented)
{
  bool same_client = bytes_equal(grant->client, presented->client);
  bool same_uri = bytes_equal(code->redirect_uri, presented->redirect_uri);
  bool same_challenge = secret_equal(bytes_of(code->challenge, 32), bytes_of(presented->challenge, 32));
  bool same_key = grant->confirmation.len == 0 || secret_equal(grant->confirmation, presented->confirmation);
  return same_client && same_uri && same_challenge && same_key;
}

error_code_t grant_redeem(database_t *database, arena_t *arena, const code_presented_t *presented,
                          code_outcome_t *ret_outcome)
{
  code_row_t code;
  code_outcome_t outcome = {.verdict = CODE_UNKNOWN};
  bool found;
  error_code_t error = code_find(database, arena, presented->row, &found, &code, &outcome.grant);
  if (error != ERR_NONE)
    return error;
  if (!found || !secret_equal(bytes_of(code.hash, 32), bytes_of(presented->hash, 32))) {
    *ret_outcome = (code_outcome_t){.verdict = CODE_UNKNOWN};
    return ERR_NONE;
  }
  outcome.token_expires_ms = code.tokens_until_ms;
  if (code.redeemed) {
    outcome.verdict = CODE_REPLAYED;
    error = grant_revoke(database, presented->row, presented->now_ms);
  } else if (code.revoked || code.expires_ms <= presented->now_ms ||
             code.expires_ms > presented->horizon_ms ||
             outcome.grant.session_expires_ms <= presented->now_ms) {
    outcome.verdict = CODE_UNKNOWN;
  } else if (!code_is_bound_to(&code, &outcome.grant, presented)) {
    outcome.verdict = CODE_MISMATCHED;
    error = grant_revoke(database, presented->row, presented->now_ms);
  } else {
    outcome.verdict = CODE_REDEEMED;
    outcome.token_expires_ms =
        earlier(presented->now_ms + presented->token_lifetime_ms, outcome.grant.session_expires_ms);
    error = code_mark_redeemed(database, presented, &outcome);
  }
  if (error == ERR_NONE)
    *ret_outcome = outcome;
  return error;
}

/* Steps through (ref, tokens_until_ms) rows. */
static error_code_t each_ref(statement_t *statement, grant_revoked_t *visit, void *context)
{
  for (;;) {
    bool row;
    error_code_t error = statement_step(statement, &row);
    if (error != ERR_NONE || !row)
      return error;
    grant_ref_t ref;
    if (!statement_blob_exact(statement, 0, ref.bytes, sizeof ref.bytes)) {
      statement_reset(statement);
      return ERR_STORE_FAILED;
    }
    visit(context, ref, statement_integer(statement, 1));
  }
}

error_code_t grant_each_revoked(database_t *database, int64_t now_ms, grant_revoked_t *visit, void *context)
{
  statement_t *statement =
      database_statement(database, "SELECT ref, tokens_until_ms FROM grants WHERE tokens_until_ms > ?1 "
                                   "AND revoked_ms IS NOT NULL AND redeemed_ms IS NOT NULL");
  statement_bind_integer(statement, 1, now_ms);
  return each_ref(statement, visit, context);
}

static error_code_t remember_ended(database_t *database, bytes_t session, int64_t sequence, int64_t now_ms)
{
  statement_t *statement =
      database_statement(database, "INSERT INTO ended_sessions (session, sequence, expires_ms) "
                                   "VALUES (?1, ?2, ?3) ON CONFLICT (session) DO NOTHING");
  statement_bind_text(statement, 1, session);
  statement_bind_integer(statement, 2, sequence);
  statement_bind_integer(statement, 3, now_ms + ENDED_SESSION_MS);
  return statement_run(statement, NULL);
}

error_code_t grant_end_session(database_t *database, bytes_t session, int64_t sequence, int64_t now_ms,
                               grant_revoked_t *visit, void *context)
{
  error_code_t error = remember_ended(database, session, sequence, now_ms);
  if (error != ERR_NONE)
    return error;
  statement_t *alive = database_statement(
      database, "SELECT ref, tokens_until_ms FROM grants WHERE session = ?1 AND revoked_ms IS NULL "
                "AND expires_ms > ?2 AND (outlives = 0 OR redeemed_ms IS NULL)");
  statement_bind_text(alive, 1, session);
  statement_bind_integer(alive, 2, now_ms);
  error = each_ref(alive, visit, context);
  if (error != ERR_NONE)
    return error;
  statement_t *revoke =
      database_statement(database, "UPDATE grants SET revoked_ms = ?2, expires_ms = tokens_until_ms "
                                   "WHERE session = ?1 AND revoked_ms IS NULL "
                                   "AND (outlives = 0 OR redeemed_ms IS NULL)");
  statement_bind_text(revoke, 1, session);
  statement_bind_integer(revoke, 2, now_ms);
  return run_and_announce(database, revoke);
}

error_code_t grant_end_of_session(database_t *database, bytes_t session, int64_t now_ms,
                                  grant_revoked_t *visit, void *context)
{
  statement_t *alive = database_statement(
      database, "SELECT ref, tokens_until_ms FROM grants WHERE session = ?1 AND revoked_ms IS NULL");
  statement_bind_text(alive, 1, session);
  error_code_t error = each_ref(alive, visit, context);
  if (error != ERR_NONE)
    return error;
  statement_t *revoke =
      database_statement(database, "UPDATE grants SET revoked_ms = ?2, expires_ms = tokens_until_ms "
                                   "WHERE session = ?1 AND revoked_ms IS NULL");
  statement_bind_text(revoke, 1, session);
  statement_bind_integer(revoke, 2, now_ms);
  return run_and_announce(database, revoke);
}

error_code_t grant_end_account(database_t *database, bytes_t subject, bytes_t kept, int64_t now_ms,
                               grant_revoked_t *visit, void *context)
{
  statement_t *alive = database_statement(
      database, "SELECT ref, tokens_until_ms FROM grants WHERE subject = ?1 AND outlives = 1 "
                "AND session <> ?2 AND revoked_ms IS NULL");
  statement_bind_text(alive, 1, subject);
  statement_bind_text(alive, 2, kept);
  error_code_t error = each_ref(alive, visit, context);
  if (error != ERR_NONE)
    return error;
  statement_t *revoke =
      database_statement(database, "UPDATE grants SET revoked_ms = ?3, expires_ms = tokens_until_ms WHERE "
                                   "subject = ?1 AND outlives = 1 AND session <> ?2 AND revoked_ms IS NULL");
  statement_bind_text(revoke, 1, subject);
  statement_bind_text(revoke, 2, kept);
  statement_bind_integer(revoke, 3, now_ms);
  return run_and_announce(database, revoke);
}

error_code_t grant_end_client(database_t *database, bytes_t client, int64_t now_ms, grant_revoked_t *visit,
                              void *context)
{
  statement_t *alive = database_statement(
      database, "SELECT ref, tokens_until_ms FROM grants WHERE client = ?1 AND revoked_ms IS NULL "
                "AND expires_ms > ?2");
  statement_bind_text(alive, 1, client);
  statement_bind_integer(alive, 2, now_ms);
  error_code_t error = each_ref(alive, visit, context);
  if (error != ERR_NONE)
    return error;
  statement_t *revoke =
      database_statement(database, "UPDATE grants SET revoked_ms = ?2, expires_ms = tokens_until_ms WHERE "
                                   "client = ?1 AND revoked_ms IS NULL");
  statement_bind_text(revoke, 1, client);
  statement_bind_integer(revoke, 2, now_ms);
  return run_and_announce(database, revoke);
}

error_code_t grant_end_consented(database_t *database, bytes_t subject, bytes_t client, int64_t now_ms,
                                 grant_revoked_t *visit, void *context)
{
  statement_t *alive = database_statement(
      database, "SELECT ref, tokens_until_ms FROM grants WHERE subject = ?1 AND client = ?3 AND "
                "consented = 1 AND revoked_ms IS NULL AND expires_ms > ?2");
  statement_bind_text(alive, 1, subject);
  statement_bind_integer(alive, 2, now_ms);
  statement_bind_text(alive, 3, client);
  error_code_t error = each_ref(alive, visit, context);
  if (error != ERR_NONE)
    return error;
  statement_t *revoke =
      database_statement(database, "UPDATE grants SET revoked_ms = ?2, expires_ms = tokens_until_ms WHERE "
                                   "subject = ?1 AND client = ?3 AND consented = 1 AND revoked_ms IS NULL");
  statement_bind_text(revoke, 1, subject);
  statement_bind_integer(revoke, 2, now_ms);
  statement_bind_text(revoke, 3, client);
  return run_and_announce(database, revoke);
}

static error_code_t sweep(statement_t *statement, int64_t now_ms, bool *ret_more)
{
  statement_bind_integer(statement, 1, now_ms);
  statement_bind_integer(statement, 2, SWEEP_BATCH);
  int64_t changes;
  error_code_t error = statement_run(statement, &changes);
  if (error == ERR_NONE)
    *ret_more = changes == SWEEP_BATCH;
  return error;
}

error_code_t grant_sweep(database_t *database, int64_t now_ms, bool *ret_more)
{
  bool more_grants, more_sessions;
  error_code_t error =
      sweep(database_statement(database,
                               "DELETE FROM grants WHERE id IN "
                               "(SELECT id FROM grants WHERE expires_ms < ?1 ORDER BY expires_ms LIMIT ?2)"),
            now_ms, &more_grants);
  if (error != ERR_NONE)
    return error;
  error = sweep(database_statement(database,
                                   "DELETE FROM ended_sessions WHERE session IN (SELECT session FROM "
                                   "ended_sessions WHERE expires_ms < ?1 ORDER BY expires_ms LIMIT ?2)"),
                now_ms, &more_sessions);
  if (error == ERR_NONE)
    *ret_more = more_grants || more_sessions;
  return error;
}
