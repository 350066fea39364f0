/* Statements over sqlite, prepared once per connection. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/sqlite_connection.h"

#define FIRST_SLOTS 64

/* The slot of a statement, or the free one where it belongs. */
static slot_t *slot_of(const database_t *database, const char *sql)
{
  /* Literals lie close together: multiply to spread them over the high bits. */
  uint64_t hash = (uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15);
  size_t at = (size_t)(hash >> 32) & (database->slot_count - 1);
  while (database->slots[at].sql != NULL && database->slots[at].sql != sql)
    at = (at + 1) & (database->slot_count - 1);
  return &database->slots[at];
}

bool sqlite_statements_init(database_t *database)
{
  database->slots = calloc(FIRST_SLOTS, sizeof(*database->slots));
  database->slot_count = database->slots != NULL ? FIRST_SLOTS : 0;
  return database->slots != NULL;
}

/* Keeps at least a quarter of the slots free. */
static bool slots_make_room(database_t *database)
{
  if (database->used + 1 <= database->slot_count / 4 * 3)
    return true;
  size_t old_count = database->slot_count;
  slot_t *old = database->slots;
  slot_t *slots = calloc(old_count * 2, sizeof(*slots));
  if (slots == NULL)
    return false;
  database->slots = slots;
  database->slot_count = old_count * 2;
  for (size_t i = 0; i < old_count; i++)
    if (old[i].sql != NULL)
      *slot_of(database, old[i].sql) = old[i];
  free(old);
  return true;
}

static statement_t *statement_new(database_t *database, const char *sql)
{
  statement_t *statement = slots_make_room(database) ? calloc(1, sizeof(*statement)) : NULL;
  if (statement == NULL) {
    database->spare = (statement_t){.database = database, .failure = ERR_NO_MEMORY};
    return &database->spare;
  }
  statement->database = database;
  statement->sql = sql;
  *slot_of(database, sql) = (slot_t){sql, statement};
  database->used++;
  return statement;
}

static void statement_prepare(statement_t *statement)
{
  database_t *database = statement->database;
  int result = sqlite3_prepare_v3(database->handle, statement->sql, -1, SQLITE_PREPARE_PERSISTENT,
                                  &statement->handle, NULL);
  statement->failure = result == SQLITE_OK ? ERR_NONE : sqlite_failure(database, result);
}

statement_t *database_statement(database_t *database, const char *sql)
{
  statement_t *statement = slot_of(database, sql)->statement;
  if (statement == NULL)
    statement = statement_new(database, sql);
  if (statement == &database->spare)
    return statement;
  if (statement->handle == NULL) {
    statement_prepare(statement);
    return statement;
  }
  statement_reset(statement);
  (void)sqlite3_clear_bindings(statement->handle);
  statement->failure = ERR_NONE;
  return statement;
}

static void note_bind(statement_t *statement, int result)
{
  if (result != SQLITE_OK && statement->failure == ERR_NONE)
    statement->failure = sqlite_failure(statement->database, result);
}

void statement_bind_integer(statement_t *statement, int index, int64_t value)
{
  if (statement->handle != NULL)
    note_bind(statement, sqlite3_bind_int64(statement->handle, index, value));
}

/* sqlite would make a NULL pointer an SQL NULL; an empty value stays a value. */
static const void *not_null(bytes_t value)
{
  return value.len == 0 ? "" : (const void *)value.data;
}

void statement_bind_blob(statement_t *statement, int index, bytes_t value)
{
  if (statement->handle != NULL)
    note_bind(statement,
              sqlite3_bind_blob64(statement->handle, index, not_null(value), value.len, SQLITE_STATIC));
}

void statement_bind_text(statement_t *statement, int index, bytes_t value)
{
  if (statement->handle == NULL)
    return;
  if (value.len > 0 && !text_is_utf8(value)) {
    statement->failure = ERR_MALFORMED;
    return;
  }
  note_bind(statement, sqlite3_bind_text64(statement->handle, index, not_null(value), value.len,
                                           SQLITE_STATIC, SQLITE_UTF8));
}

void statement_bind_null(statement_t *statement, int index)
{
  if (statement->handle != NULL)
    note_bind(statement, sqlite3_bind_null(statement->handle, index));
}

error_code_t statement_step(statement_t *statement, bool *ret_row)
{
  if (statement->failure != ERR_NONE) {
    error_code_t failure = statement->failure;
    statement_reset(statement);
    return failure;
  }
  if (!statement->active) {
    statement->active = true;
    statement->database->active++;
  }
  int result = sqlite3_step(statement->handle);
  if (result == SQLITE_ROW) {
    *ret_row = true;
    return ERR_NONE;
  }
  error_code_t error = result == SQLITE_DONE ? ERR_NONE : sqlite_failure(statement->database, result);
  statement_reset(statement);
  if (error == ERR_NONE)
    *ret_row = false;
  return error;
}

error_code_t statement_run(statement_t *statement, int64_t *ret_changes)
{
  bool row = true;
  int64_t before = sqlite3_total_changes64(statement->database->handle);
  while (row) {
    error_code_t error = statement_step(statement, &row);
    if (error != ERR_NONE)
      return error;
  }
  if (ret_changes != NULL)
    *ret_changes = sqlite3_total_changes64(statement->database->handle) == before
                       ? 0
                       : sqlite3_changes64(statement->database->handle);
  return ERR_NONE;
}

void statement_reset(statement_t *statement)
{
  if (!statement->active)
    return;
  (void)sqlite3_reset(statement->handle); /* repeats the step's error, which has been answered */
  statement->active = false;
  statement->database->active--;
}

int64_t statement_integer(statement_t *statement, int column)
{
  return sqlite3_column_int64(statement->handle, column);
}

bool statement_is_null(statement_t *statement, int column)
{
  return sqlite3_column_type(statement->handle, column) == SQLITE_NULL;
}

bytes_t statement_blob(statement_t *statement, int column)
{
  const void *data = sqlite3_column_blob(statement->handle, column);
  return bytes_of(data, (size_t)sqlite3_column_bytes(statement->handle, column));
}

bytes_t statement_text(statement_t *statement, int column)
{
  const void *data = sqlite3_column_text(statement->handle, column);
  return bytes_of(data, (size_t)sqlite3_column_bytes(statement->handle, column));
}

bytes_t statement_blob_copy(statement_t *statement, int column, arena_t *arena)
{
  return arena_copy(arena, statement_blob(statement, column));
}

bytes_t statement_text_copy(statement_t *statement, int column, arena_t *arena)
{
  return arena_copy(arena, statement_text(statement, column));
}

bool statement_blob_exact(statement_t *statement, int column, void *memory, size_t len)
{
  bytes_t blob = statement_blob(statement, column);
  if (blob.len != len)
    return false;
  if (len > 0)
    memcpy(memory, blob.data, len);
  return true;
}

int64_t database_last_row(database_t *database)
{
  return sqlite3_last_insert_rowid(database->handle);
}

void connection_end_statements(database_t *database)
{
  for (size_t i = 0; database->active > 0 && i < database->slot_count; i++)
    if (database->slots[i].sql != NULL)
      statement_reset(database->slots[i].statement);
}

void sqlite_statements_free(database_t *database)
{
  for (size_t i = 0; i < database->slot_count; i++)
    if (database->slots[i].sql != NULL) {
      (void)sqlite3_finalize(database->slots[i].statement->handle);
      free(database->slots[i].statement);
    }
  free(database->slots);
}
