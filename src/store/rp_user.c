#include "store/rp_user.h"

#include "store/rp_deleted_credential.h"

#define COLUMNS "id, handle, username_key, username, display_name, disabled, created_ms"

static error_code_t row_read(statement_t *row, rp_user_t *ret_user)
{
  rp_user_t user = {.id = {statement_integer(row, 0)},
                    .username_key = statement_text(row, 2),
                    .username = statement_text(row, 3),
                    .display_name = statement_text(row, 4),
                    .disabled = statement_integer(row, 5) != 0,
                    .created_ms = statement_integer(row, 6)};
  if (!statement_blob_exact(row, 1, user.handle, sizeof(user.handle)))
    return ERR_STORE_FAILED;
  *ret_user = user;
  return ERR_NONE;
}

static error_code_t find_one(statement_t *statement, arena_t *arena, rp_user_t *ret_user)
{
  bool found = false;
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  rp_user_t user = {0};
  error = row_read(statement, &user);
  if (error == ERR_NONE) {
    user.username_key = arena_copy(arena, user.username_key);
    user.username = arena_copy(arena, user.username);
    user.display_name = arena_copy(arena, user.display_name);
    if (user.username_key.data == NULL || user.username.data == NULL || user.display_name.data == NULL)
      error = ERR_NO_MEMORY;
  }
  statement_reset(statement);
  if (error == ERR_NONE)
    *ret_user = user;
  return error;
}

error_code_t rp_user_find(database_t *database, arena_t *arena, bytes_t username_key, rp_user_t *ret_user)
{
  statement_t *select = database_statement(database, "SELECT " COLUMNS " FROM users WHERE username_key = ?1");
  statement_bind_text(select, 1, username_key);
  return find_one(select, arena, ret_user);
}

error_code_t rp_user_find_by_id(database_t *database, arena_t *arena, rp_user_id_t id, rp_user_t *ret_user)
{
  statement_t *select = database_statement(database, "SELECT " COLUMNS " FROM users WHERE id = ?1");
  statement_bind_integer(select, 1, id.row);
  return find_one(select, arena, ret_user);
}

error_code_t rp_user_find_by_handle(database_t *database, arena_t *arena,
                                    const uint8_t handle[RP_USER_HANDLE_LENGTH], rp_user_t *ret_user)
{
  statement_t *select = database_statement(database, "SELECT " COLUMNS " FROM users WHERE handle = ?1");
  statement_bind_blob(select, 1, bytes_of(handle, RP_USER_HANDLE_LENGTH));
  return find_one(select, arena, ret_user);
}

error_code_t rp_user_insert(database_t *database, const rp_user_t *user, rp_user_id_t *ret_id)
{
  statement_t *insert = database_statement(
      database, "INSERT INTO users (handle, username_key, username, display_name, disabled, created_ms) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  statement_bind_blob(insert, 1, bytes_of(user->handle, sizeof(user->handle)));
  statement_bind_text(insert, 2, user->username_key);
  statement_bind_text(insert, 3, user->username);
  statement_bind_text(insert, 4, user->display_name);
  statement_bind_integer(insert, 5, user->disabled ? 1 : 0);
  statement_bind_integer(insert, 6, user->created_ms);
  error_code_t error = statement_run(insert, NULL);
  if (error == ERR_NONE)
    ret_id->row = database_last_row(database);
  return error;
}

static error_code_t run_on_one(statement_t *statement)
{
  int64_t changes = 0;
  error_code_t error = statement_run(statement, &changes);
  if (error == ERR_NONE && changes == 0)
    return ERR_NOT_FOUND;
  return error;
}

error_code_t rp_user_set_disabled(database_t *database, rp_user_id_t id, bool disabled)
{
  statement_t *update = database_statement(database, "UPDATE users SET disabled = ?2 WHERE id = ?1");
  statement_bind_integer(update, 1, id.row);
  statement_bind_integer(update, 2, disabled ? 1 : 0);
  return run_on_one(update);
}

error_code_t rp_user_delete(database_t *database, rp_user_id_t id, int64_t now_ms)
{
  error_code_t error = rp_deleted_credential_keep(database, id, BYTES_NONE, now_ms);
  if (error != ERR_NONE)
    return error;
  statement_t *delete = database_statement(database, "DELETE FROM users WHERE id = ?1");
  statement_bind_integer(delete, 1, id.row);
  return run_on_one(delete);
}

error_code_t rp_user_each(database_t *database, bytes_t after, int64_t limit, rp_user_visit_t *visit,
                          void *context)
{
  statement_t *select = database_statement(
      database, "SELECT " COLUMNS ", (SELECT count(*) FROM credentials WHERE user_id = users.id), "
                "(SELECT coalesce(max(last_used_ms), 0) FROM credentials WHERE user_id = users.id) "
                "FROM users WHERE username_key > ?1 ORDER BY username_key LIMIT ?2");
  statement_bind_text(select, 1, after);
  statement_bind_integer(select, 2, limit);
  for (;;) {
    bool found = false;
    error_code_t error = statement_step(select, &found);
    if (error != ERR_NONE || !found)
      return error;
    rp_user_t user = {0};
    error = row_read(select, &user);
    if (error != ERR_NONE) {
      statement_reset(select);
      return error;
    }
    visit(context, &user, statement_integer(select, 7), statement_integer(select, 8));
  }
}
