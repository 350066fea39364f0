#include "store/authority_keys.h"

#include <stdio.h>
#include <string.h>

static const char *const state_names[] = {
    [KEY_NEXT] = "next", [KEY_CURRENT] = "current", [KEY_PREVIOUS] = "previous"};

const char *key_state_name(key_state_t state)
{
  return state <= KEY_PREVIOUS ? state_names[state] : "unknown";
}

static bool state_parse(bytes_t text, key_state_t *ret_state)
{
  for (key_state_t state = KEY_NEXT; state <= KEY_PREVIOUS; state++) {
    if (bytes_equal_string(text, state_names[state])) {
      *ret_state = state;
      return true;
    }
  }
  return false;
}

static bool row_read(statement_t *statement, arena_t *arena, key_row_t *ret_row)
{
  bytes_t id = statement_text(statement, 0);
  key_row_t row = {.algorithm = (int)statement_integer(statement, 1),
                   .created_ms = statement_integer(statement, 3),
                   .activated_ms = statement_integer(statement, 4),
                   .expires_ms = statement_integer(statement, 5)};
  if (id.len == 0 || id.len >= sizeof row.id || !state_parse(statement_text(statement, 2), &row.state))
    return false;
  memcpy(row.id, id.data, id.len);
  row.sealed = statement_blob_copy(statement, 6, arena);
  if (row.sealed.len == 0)
    return false;
  *ret_row = row;
  return true;
}

error_code_t key_list(database_t *database, arena_t *arena, key_row_t *rows, size_t max, size_t *ret_count)
{
  statement_t *statement = database_statement(
      database, "SELECT kid, algorithm, state, created_ms, activated_ms, expires_ms, sealed "
                "FROM signing_keys ORDER BY id DESC LIMIT ?1");
  statement_bind_integer(statement, 1, (int64_t)max);
  size_t count = 0;
  for (;;) {
    bool row;
    error_code_t error = statement_step(statement, &row);
    if (error != ERR_NONE)
      return error;
    if (!row)
      break;
    if (count == max || !row_read(statement, arena, &rows[count])) {
      statement_reset(statement);
      return ERR_STORE_FAILED;
    }
    count++;
  }
  *ret_count = count;
  return ERR_NONE;
}

error_code_t key_add(database_t *database, const key_row_t *row)
{
  statement_t *statement = database_statement(
      database, "INSERT INTO signing_keys (kid, algorithm, state, created_ms, activated_ms, "
                "expires_ms, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
  statement_bind_text(statement, 1, bytes_of_string(row->id));
  statement_bind_integer(statement, 2, row->algorithm);
  statement_bind_text(statement, 3, bytes_of_string(key_state_name(row->state)));
  statement_bind_integer(statement, 4, row->created_ms);
  statement_bind_integer(statement, 5, row->activated_ms);
  statement_bind_integer(statement, 6, row->expires_ms);
  statement_bind_blob(statement, 7, row->sealed);
  return statement_run(statement, NULL);
}

static error_code_t check_current(database_t *database, const char *id)
{
  statement_t *statement =
      database_statement(database, "SELECT 1 FROM signing_keys WHERE state = 'current' AND kid = ?1");
  statement_bind_text(statement, 1, bytes_of_string(id));
  bool found;
  error_code_t error = statement_step(statement, &found);
  if (error != ERR_NONE || !found)
    return error != ERR_NONE ? error : ERR_CONFLICT;
  statement_reset(statement);
  return ERR_NONE;
}

error_code_t key_rotate(database_t *database, const char *current, const key_row_t *fresh, int64_t now_ms,
                        int64_t previous_until_ms)
{
  error_code_t error = check_current(database, current);
  if (error != ERR_NONE)
    return error;
  statement_t *retire = database_statement(
      database, "UPDATE signing_keys SET state = 'previous', expires_ms = ?1 WHERE state = 'current'");
  statement_bind_integer(retire, 1, previous_until_ms);
  error = statement_run(retire, NULL);
  if (error != ERR_NONE)
    return error;
  statement_t *activate = database_statement(
      database, "UPDATE signing_keys SET state = 'current', activated_ms = ?1 WHERE state = 'next'");
  statement_bind_integer(activate, 1, now_ms);
  int64_t activated;
  error = statement_run(activate, &activated);
  if (error != ERR_NONE)
    return error;
  if (activated != 1)
    return ERR_CONFLICT;
  error = key_add(database, fresh);
  return error == ERR_NONE ? database_announce(database, SIGNING_KEYS_TOPIC) : error;
}

error_code_t key_drop_dead(database_t *database, int64_t now_ms)
{
  statement_t *statement =
      database_statement(database, "DELETE FROM signing_keys WHERE state = 'previous' AND expires_ms < ?1");
  statement_bind_integer(statement, 1, now_ms);
  return statement_run(statement, NULL);
}
