#include "store/rp_session.h"

#define COLUMNS                                                                                              \
  "s.id, s.user_id, s.ref, s.secret_hash, s.created_ms, s.authenticated_ms, s.seen_ms, s.idle_until_ms, "    \
  "s.expires_ms, s.label"

static bool row_read(statement_t *row, arena_t *arena, rp_session_t *ret_session)
{
  rp_session_t session = {.id = {statement_integer(row, 0)},
                          .user = {statement_integer(row, 1)},
                          .created_ms = statement_integer(row, 4),
                          .authenticated_ms = statement_integer(row, 5),
                          .seen_ms = statement_integer(row, 6),
                          .idle_until_ms = statement_integer(row, 7),
                          .expires_ms = statement_integer(row, 8),
                          .label = statement_text_copy(row, 9, arena)};
  if (!statement_blob_exact(row, 2, session.ref, sizeof(session.ref)) ||
      !statement_blob_exact(row, 3, session.secret_hash, sizeof(session.secret_hash)))
    return false;
  *ret_session = session;
  return true;
}

error_code_t rp_session_find(database_t *database, arena_t *arena, rp_session_id_t id,
                             rp_session_owner_t *ret_owner)
{
  statement_t *select = database_statement(
      database, "SELECT " COLUMNS ", s.evidence, u.handle, u.username, u.disabled FROM sessions s "
                "JOIN users u ON u.id = s.user_id WHERE s.id = ?1");
  statement_bind_integer(select, 1, id.row);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  rp_session_owner_t owner = {0};
  bool complete = row_read(select, arena, &owner.session) &&
                  statement_blob_exact(select, 11, owner.user_handle, sizeof(owner.user_handle));
  owner.session.evidence = statement_blob_copy(select, 10, arena);
  owner.username = statement_text_copy(select, 12, arena);
  owner.user_disabled = statement_integer(select, 13) != 0;
  statement_reset(select);
  if (!complete || owner.username.data == NULL)
    return ERR_STORE_FAILED;
  *ret_owner = owner;
  return ERR_NONE;
}

error_code_t rp_session_list(database_t *database, arena_t *arena, rp_user_id_t user, int64_t now_ms,
                             rp_session_t **ret_items, size_t *ret_count)
{
  rp_session_t *items = arena_alloc(arena, RP_SESSIONS_LISTED_MAX * sizeof(*items));
  if (items == NULL)
    return ERR_NO_MEMORY;
  statement_t *select = database_statement(
      database, "SELECT " COLUMNS " FROM sessions s WHERE s.user_id = ?1 AND s.idle_until_ms > ?2 "
                "ORDER BY s.seen_ms DESC, s.id DESC LIMIT 100");
  statement_bind_integer(select, 1, user.row);
  statement_bind_integer(select, 2, now_ms);
  size_t count = 0;
  for (;;) {
    bool found = false;
    error_code_t error = statement_step(select, &found);
    if (error != ERR_NONE)
      return error;
    if (!found)
      break;
    if (count == RP_SESSIONS_LISTED_MAX || !row_read(select, arena, &items[count])) {
      statement_reset(select);
      return ERR_STORE_FAILED;
    }
    count++;
  }
  *ret_items = items;
  *ret_count = count;
  return ERR_NONE;
}

error_code_t rp_session_insert(database_t *database, const rp_session_t *session, rp_session_id_t *ret_id)
{
  statement_t *insert = database_statement(
      database,
      "INSERT INTO sessions (user_id, ref, secret_hash, created_ms, authenticated_ms, seen_ms, "
      "idle_until_ms, expires_ms, label, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  statement_bind_integer(insert, 1, session->user.row);
  statement_bind_blob(insert, 2, bytes_of(session->ref, sizeof(session->ref)));
  statement_bind_blob(insert, 3, bytes_of(session->secret_hash, sizeof(session->secret_hash)));
  statement_bind_integer(insert, 4, session->created_ms);
  statement_bind_integer(insert, 5, session->authenticated_ms);
  statement_bind_integer(insert, 6, session->seen_ms);
  statement_bind_integer(insert, 7, session->idle_until_ms);
  statement_bind_integer(insert, 8, session->expires_ms);
  statement_bind_text(insert, 9, session->label);
  statement_bind_blob(insert, 10, session->evidence);
  error_code_t error = statement_run(insert, NULL);
  if (error == ERR_NONE)
    ret_id->row = database_last_row(database);
  return error;
}

error_code_t rp_session_renew(database_t *database, const rp_session_t *session, const rp_session_t *old,
                              bool *ret_renewed)
{
  statement_t *update = database_statement(
      database, "UPDATE sessions SET secret_hash = ?3, authenticated_ms = ?4, seen_ms = ?5, "
                "idle_until_ms = ?6, expires_ms = ?7, evidence = ?8 WHERE id = ?1 AND secret_hash = ?2 "
                "AND evidence = ?9");
  statement_bind_integer(update, 1, session->id.row);
  statement_bind_blob(update, 2, bytes_of(old->secret_hash, sizeof(old->secret_hash)));
  statement_bind_blob(update, 3, bytes_of(session->secret_hash, sizeof(session->secret_hash)));
  statement_bind_integer(update, 4, session->authenticated_ms);
  statement_bind_integer(update, 5, session->seen_ms);
  statement_bind_integer(update, 6, session->idle_until_ms);
  statement_bind_integer(update, 7, session->expires_ms);
  statement_bind_blob(update, 8, session->evidence);
  statement_bind_blob(update, 9, old->evidence);
  int64_t changes = 0;
  error_code_t error = statement_run(update, &changes);
  if (error == ERR_NONE)
    *ret_renewed = changes == 1;
  return error;
}

error_code_t rp_session_set_evidence(database_t *database, rp_session_id_t id, bytes_t evidence)
{
  statement_t *update = database_statement(database, "UPDATE sessions SET evidence = ?2 WHERE id = ?1");
  statement_bind_integer(update, 1, id.row);
  statement_bind_blob(update, 2, evidence);
  return statement_run(update, NULL);
}

error_code_t rp_session_touch(database_t *database, rp_session_id_t id, int64_t seen_ms,
                              int64_t idle_until_ms)
{
  statement_t *update = database_statement(
      database, "UPDATE sessions SET seen_ms = ?2, idle_until_ms = ?3 WHERE id = ?1 AND seen_ms < ?2");
  statement_bind_integer(update, 1, id.row);
  statement_bind_integer(update, 2, seen_ms);
  statement_bind_integer(update, 3, idle_until_ms);
  return statement_run(update, NULL);
}

error_code_t rp_session_delete(database_t *database, rp_session_id_t id, bool *ret_ended)
{
  statement_t *delete = database_statement(database, "DELETE FROM sessions WHERE id = ?1");
  statement_bind_integer(delete, 1, id.row);
  int64_t changes = 0;
  error_code_t error = statement_run(delete, &changes);
  if (error == ERR_NONE)
    *ret_ended = changes == 1;
  return error;
}

error_code_t rp_session_each_of_user(database_t *database, rp_user_id_t user, rp_session_id_t keep,
                                     error_code_t (*visit)(void *context, const rp_session_ref_t *ref),
                                     void *context)
{
  statement_t *select =
      database_statement(database, "SELECT id, ref FROM sessions WHERE user_id = ?1 AND id <> ?2");
  statement_bind_integer(select, 1, user.row);
  statement_bind_integer(select, 2, keep.row);
  for (;;) {
    bool found = false;
    error_code_t error = statement_step(select, &found);
    if (error != ERR_NONE || !found)
      return error;
    rp_session_ref_t ref = {.id = {statement_integer(select, 0)}};
    error =
        statement_blob_exact(select, 1, ref.ref, sizeof(ref.ref)) ? visit(context, &ref) : ERR_STORE_FAILED;
    if (error != ERR_NONE) {
      statement_reset(select);
      return error;
    }
  }
}

error_code_t rp_session_delete_of_user(database_t *database, rp_user_id_t user, rp_session_id_t keep)
{
  statement_t *delete = database_statement(database, "DELETE FROM sessions WHERE user_id = ?1 AND id <> ?2");
  statement_bind_integer(delete, 1, user.row);
  statement_bind_integer(delete, 2, keep.row);
  return statement_run(delete, NULL);
}

error_code_t rp_session_find_by_ref(database_t *database, rp_user_id_t user, bytes_t ref,
                                    rp_session_id_t *ret_id)
{
  statement_t *select =
      database_statement(database, "SELECT id FROM sessions WHERE user_id = ?1 AND ref = ?2");
  statement_bind_integer(select, 1, user.row);
  statement_bind_blob(select, 2, ref);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  ret_id->row = statement_integer(select, 0);
  statement_reset(select);
  return ERR_NONE;
}

/* The id that ends the next slice; 0 when no rows are left behind the cursor. */
static error_code_t slice_end(database_t *database, int64_t *ret_end)
{
  statement_t *select = database_statement(
      database, "SELECT coalesce(max(id), 0) FROM (SELECT id FROM sessions WHERE id > "
                "(SELECT after_id FROM session_sweep WHERE only = 1) ORDER BY id LIMIT 1000) AS slice");
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  int64_t end = found ? statement_integer(select, 0) : 0;
  statement_reset(select);
  *ret_end = end;
  return ERR_NONE;
}

error_code_t rp_session_sweep(database_t *database, int64_t now_ms, bool *ret_more)
{
  int64_t end = 0;
  error_code_t error = slice_end(database, &end);
  if (error == ERR_NONE && end > 0) {
    statement_t *delete = database_statement(
        database, "DELETE FROM sessions WHERE id <= ?1 AND id > "
                  "(SELECT after_id FROM session_sweep WHERE only = 1) AND idle_until_ms <= ?2");
    statement_bind_integer(delete, 1, end);
    statement_bind_integer(delete, 2, now_ms);
    error = statement_run(delete, NULL);
  }
  if (error != ERR_NONE)
    return error;
  statement_t *move = database_statement(database, "UPDATE session_sweep SET after_id = ?1 WHERE only = 1");
  statement_bind_integer(move, 1, end);
  error = statement_run(move, NULL);
  if (error == ERR_NONE)
    *ret_more = end > 0;
  return error;
}
