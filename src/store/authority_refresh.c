#include "store/authority_refresh.h"

#include "base/secret.h"

/* How far a clock may be behind the one that a time was written by. */
#define SKEW_MS ((int64_t)60 * 1000)

typedef struct family_row {
  grant_t grant;
  uint32_t generation;
  int64_t redeemed_ms, rotated_ms, idle_until_ms, absolute_until_ms, tokens_until_ms, row_until_ms;
  bool redeemed, revoked, rotated;
  bytes_t confirmation;
} family_row_t;

static error_code_t family_row_read(statement_t *statement, arena_t *arena, family_row_t *ret_row)
{
  family_row_t row = {.generation = (uint32_t)statement_integer(statement, 0),
                      .redeemed = !statement_is_null(statement, 1),
                      .redeemed_ms = statement_integer(statement, 1),
                      .revoked = !statement_is_null(statement, 2),
                      .rotated = !statement_is_null(statement, 3),
                      .rotated_ms = statement_integer(statement, 3),
                      .idle_until_ms = statement_integer(statement, 4),
                      .absolute_until_ms = statement_integer(statement, 5),
                      .tokens_until_ms = statement_integer(statement, 6),
                      .confirmation = statement_blob_copy(statement, 7, arena),
                      .grant = {.client = statement_text_copy(statement, 9, arena),
                                .subject = statement_text_copy(statement, 10, arena),
                                .session = statement_text_copy(statement, 11, arena),
                                .scope = statement_text_copy(statement, 12, arena),
                                .acr = statement_text_copy(statement, 13, arena),
                                .amr = statement_text_copy(statement, 14, arena),
                                .levels = statement_text_copy(statement, 15, arena),
                                .auth_time_ms = statement_integer(statement, 16),
                                .session_expires_ms = statement_integer(statement, 17),
                                .refreshes = true,
                                .details = statement_text_copy(statement, 19, arena)},
                      .row_until_ms = statement_integer(statement, 18)};
  if (!statement_blob_exact(statement, 8, row.grant.ref.bytes, sizeof row.grant.ref.bytes))
    return ERR_STORE_FAILED;
  if (row.grant.client.len == 0 || row.grant.subject.len == 0 || row.grant.session.len == 0 ||
      row.grant.levels.len == 0)
    return ERR_NO_MEMORY;
  *ret_row = row;
  return ERR_NONE;
}

static error_code_t family_row_find(database_t *database, arena_t *arena, int64_t id, bool *ret_found,
                                    family_row_t *ret_row)
{
  statement_t *statement = database_statement(
      database, "SELECT generation, redeemed_ms, revoked_ms, rotated_ms, idle_until_ms, absolute_until_ms, "
                "tokens_until_ms, confirmation, ref, client, subject, session, scope, acr, amr, levels, "
                "auth_time_ms, session_expires_ms, expires_ms, lasting_details FROM grants WHERE id = ?1 AND "
                "refreshes = 1");
  statement_bind_integer(statement, 1, id);
  error_code_t error = statement_step(statement, ret_found);
  if (error != ERR_NONE || !*ret_found)
    return error;
  error = family_row_read(statement, arena, ret_row);
  statement_reset(statement);
  return error;
}

static int64_t family_end(const family_row_t *row)
{
  int64_t end_ms = row->idle_until_ms < row->absolute_until_ms ? row->idle_until_ms : row->absolute_until_ms;
  return end_ms < row->grant.session_expires_ms ? end_ms : row->grant.session_expires_ms;
}

/* A redemption that lies ahead was made by a clock that ran ahead: its times mean nothing. */
static bool is_alive(const family_row_t *row, int64_t now_ms)
{
  return row->redeemed && !row->revoked && row->redeemed_ms <= now_ms + SKEW_MS && now_ms < family_end(row);
}

static bool within_grace(const family_row_t *row, const refresh_presented_t *presented)
{
  return presented->grace_ms > 0 && presented->name.generation + 1 == row->generation && row->rotated &&
         row->rotated_ms <= presented->now_ms + SKEW_MS &&
         presented->now_ms <= row->rotated_ms + presented->grace_ms;
}

/* A generation that is not there yet tells of a database that was set back: the family is as good as copied.
 */
static refresh_verdict_t judge(const family_row_t *row, const refresh_presented_t *presented)
{
  if (!bytes_equal(row->grant.client, presented->client) ||
      !secret_equal(row->confirmation, presented->confirmation))
    return REFRESH_MISMATCHED;
  if (presented->name.generation == row->generation)
    return REFRESH_CURRENT;
  return within_grace(row, presented) ? REFRESH_REPEATED : REFRESH_REUSED;
}

/* *ret_found: the row is that of the name, and alive. */
static error_code_t find_alive(database_t *database, arena_t *arena, const refresh_name_t *name,
                               int64_t now_ms, bool *ret_found, family_row_t *ret_row)
{
  error_code_t error = family_row_find(database, arena, name->row, ret_found, ret_row);
  if (error == ERR_NONE && *ret_found)
    *ret_found = secret_equal(bytes_of(ret_row->grant.ref.bytes, sizeof ret_row->grant.ref.bytes),
                              bytes_of(name->ref.bytes, sizeof name->ref.bytes)) &&
                 is_alive(ret_row, now_ms);
  return error;
}

static refresh_family_t family_of(const family_row_t *row, refresh_verdict_t verdict)
{
  return (refresh_family_t){.verdict = verdict,
                            .grant = row->grant,
                            .tokens_until_ms = row->tokens_until_ms,
                            .refresh_until_ms = family_end(row),
                            .absolute_until_ms = row->absolute_until_ms,
                            .row_until_ms = row->row_until_ms};
}

error_code_t refresh_find(database_t *database, arena_t *arena, const refresh_presented_t *presented,
                          refresh_family_t *ret_family)
{
  bool found;
  family_row_t row;
  *ret_family = (refresh_family_t){.verdict = REFRESH_UNKNOWN};
  error_code_t error = find_alive(database, arena, &presented->name, presented->now_ms, &found, &row);
  if (error == ERR_NONE && found)
    *ret_family = family_of(&row, judge(&row, presented));
  return error;
}

error_code_t refresh_peek(database_t *database, arena_t *arena, const refresh_name_t *name, int64_t now_ms,
                          refresh_family_t *ret_family)
{
  bool found;
  family_row_t row;
  *ret_family = (refresh_family_t){.verdict = REFRESH_UNKNOWN};
  error_code_t error = find_alive(database, arena, name, now_ms, &found, &row);
  if (error == ERR_NONE && found)
    *ret_family = family_of(&row, name->generation == row.generation ? REFRESH_CURRENT : REFRESH_REUSED);
  return error;
}

static error_code_t run_once(statement_t *statement)
{
  int64_t changes;
  error_code_t error = statement_run(statement, &changes);
  return error == ERR_NONE && changes != 1 ? ERR_STORE_FAILED : error;
}

static error_code_t keep_row(database_t *database, int64_t row, int64_t until_ms)
{
  statement_t *statement = database_statement(database, "UPDATE grants SET expires_ms = ?2 WHERE id = ?1");
  statement_bind_integer(statement, 1, row);
  statement_bind_integer(statement, 2, until_ms);
  return run_once(statement);
}

/* The row is kept a little longer than it must be, so that few rotations move it in the index by expiry. */
error_code_t refresh_rotate(database_t *database, const refresh_name_t *name, const refresh_family_t *family,
                            const refresh_terms_t *terms)
{
  statement_t *statement = database_statement(
      database, "UPDATE grants SET generation = generation + ?6, rotated_ms = ?3, idle_until_ms = ?4, "
                "tokens_until_ms = MAX(tokens_until_ms, ?5) "
                "WHERE id = ?1 AND generation = ?2 AND revoked_ms IS NULL");
  statement_bind_integer(statement, 1, name->row);
  statement_bind_integer(statement, 2, name->generation);
  statement_bind_integer(statement, 3, terms->now_ms);
  statement_bind_integer(statement, 4, terms->idle_until_ms);
  statement_bind_integer(statement, 5, terms->tokens_until_ms);
  statement_bind_integer(statement, 6, terms->stays ? 0 : 1);
  error_code_t error = run_once(statement);
  int64_t needed_ms =
      terms->idle_until_ms > terms->tokens_until_ms ? terms->idle_until_ms : terms->tokens_until_ms;
  if (error != ERR_NONE || family->row_until_ms >= needed_ms)
    return error;
  return keep_row(database, name->row, needed_ms + (needed_ms - terms->now_ms) / 8);
}

error_code_t refresh_repeat(database_t *database, const refresh_name_t *name, int64_t tokens_until_ms)
{
  statement_t *statement =
      database_statement(database, "UPDATE grants SET tokens_until_ms = MAX(tokens_until_ms, ?2), "
                                   "expires_ms = MAX(expires_ms, ?2) WHERE id = ?1 AND revoked_ms IS NULL");
  statement_bind_integer(statement, 1, name->row);
  statement_bind_integer(statement, 2, tokens_until_ms);
  return run_once(statement);
}

/* The index is named: of its own, SQLite took the one by client, which has a row for each person. */
error_code_t refresh_list_earned(database_t *database, arena_t *arena, const grant_t *grant, int64_t now_ms,
                                 earned_row_t ret_rows[EARNED_MAX], size_t *ret_count)
{
  statement_t *statement = database_statement(
      database, "SELECT id, acr, amr, levels, auth_time_ms, session_expires_ms FROM grants "
                "INDEXED BY grants_by_session_ref WHERE session = ?1 AND client = ?2 AND refreshes = 1 AND "
                "revoked_ms IS NULL "
                "AND expires_ms > ?3 AND ref <> ?5 ORDER BY id DESC LIMIT ?4");
  statement_bind_text(statement, 1, grant->session);
  statement_bind_text(statement, 2, grant->client);
  statement_bind_integer(statement, 3, now_ms);
  statement_bind_integer(statement, 4, EARNED_MAX);
  statement_bind_blob(statement, 5, bytes_of(grant->ref.bytes, sizeof grant->ref.bytes));
  for (*ret_count = 0;; ++*ret_count) {
    bool row;
    error_code_t error = statement_step(statement, &row);
    if (error != ERR_NONE || !row)
      return error;
    earned_row_t *earned = &ret_rows[*ret_count];
    *earned = (earned_row_t){.row = statement_integer(statement, 0),
                             .acr = statement_text_copy(statement, 1, arena),
                             .amr = statement_text_copy(statement, 2, arena),
                             .levels = statement_text_copy(statement, 3, arena),
                             .auth_time_ms = statement_integer(statement, 4),
                             .session_expires_ms = statement_integer(statement, 5)};
    if (earned->levels.len == 0) {
      statement_reset(statement);
      return ERR_NO_MEMORY;
    }
  }
}

error_code_t refresh_set_earned(database_t *database, const earned_row_t *earned)
{
  statement_t *statement =
      database_statement(database, "UPDATE grants SET acr = ?2, amr = ?3, levels = ?4, auth_time_ms = ?5, "
                                   "session_expires_ms = ?6 WHERE id = ?1");
  statement_bind_integer(statement, 1, earned->row);
  statement_bind_text(statement, 2, earned->acr);
  statement_bind_text(statement, 3, earned->amr);
  statement_bind_text(statement, 4, earned->levels);
  statement_bind_integer(statement, 5, earned->auth_time_ms);
  statement_bind_integer(statement, 6, earned->session_expires_ms);
  return run_once(statement);
}

static error_code_t read_living(statement_t *statement, arena_t *arena, living_grant_t *ret_grant)
{
  bool found;
  *ret_grant = (living_grant_t){.row = 0};
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE || !found)
    return error;
  *ret_grant = (living_grant_t){.row = statement_integer(statement, 0),
                                .tokens_until_ms = statement_integer(statement, 1),
                                .subject = statement_text_copy(statement, 2, arena)};
  statement_reset(statement);
  return ret_grant->subject.len > 0 ? ERR_NONE : ERR_NO_MEMORY;
}

error_code_t grant_find_living(database_t *database, arena_t *arena, bytes_t session, grant_ref_t ref,
                               living_grant_t *ret_grant)
{
  statement_t *statement =
      database_statement(database, "SELECT id, tokens_until_ms, subject FROM grants WHERE session = ?1 "
                                   "AND ref = ?2 AND revoked_ms IS NULL");
  statement_bind_text(statement, 1, session);
  statement_bind_blob(statement, 2, bytes_of(ref.bytes, sizeof ref.bytes));
  return read_living(statement, arena, ret_grant);
}

error_code_t refresh_find_living(database_t *database, arena_t *arena, const refresh_name_t *name,
                                 bytes_t client, living_grant_t *ret_grant)
{
  statement_t *statement =
      database_statement(database, "SELECT id, tokens_until_ms, subject FROM grants WHERE id = ?1 "
                                   "AND ref = ?2 AND client = ?3 AND revoked_ms IS NULL");
  statement_bind_integer(statement, 1, name->row);
  statement_bind_blob(statement, 2, bytes_of(name->ref.bytes, sizeof name->ref.bytes));
  statement_bind_text(statement, 3, client);
  return read_living(statement, arena, ret_grant);
}
