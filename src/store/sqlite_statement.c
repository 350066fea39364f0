/* Statements over sqlite. */
#include <stdlib.h>

#include "store/sqlite_connection.h"

static sqlite3_stmt *handle_of(const statement_t *statement)
{
  return ((const sqlite_statement_t *)statement)->handle;
}

statement_t *sqlite_statement_new(database_t *database, const char *sql)
{
  sqlite_statement_t *own = calloc(1, sizeof(*own));
  return (statement_t *)own;
}

void sqlite_statement_free(statement_t *statement)
{
  (void)sqlite3_finalize(handle_of(statement));
  free(statement);
}

error_code_t sqlite_ready(statement_t *statement)
{
  sqlite_statement_t *own = (sqlite_statement_t *)statement;
  if (own->handle != NULL) {
    (void)sqlite3_clear_bindings(own->handle);
    return ERR_NONE;
  }
  int result = sqlite3_prepare_v3(sqlite_handle(statement->database), statement->sql, -1,
                                  SQLITE_PREPARE_PERSISTENT, &own->handle, NULL);
  return result == SQLITE_OK ? ERR_NONE : sqlite_failure(statement->database, result);
}

static error_code_t outcome(statement_t *statement, int result)
{
  return result == SQLITE_OK ? ERR_NONE : sqlite_failure(statement->database, result);
}

error_code_t sqlite_bind_integer(statement_t *statement, int index, int64_t value)
{
  return outcome(statement, sqlite3_bind_int64(handle_of(statement), index, value));
}

/* sqlite would make a NULL pointer an SQL NULL; an empty value stays a value. */
static const void *not_null(bytes_t value)
{
  return value.len == 0 ? "" : (const void *)value.data;
}

error_code_t sqlite_bind_blob(statement_t *statement, int index, bytes_t value)
{
  return outcome(statement,
                 sqlite3_bind_blob64(handle_of(statement), index, not_null(value), value.len, SQLITE_STATIC));
}

error_code_t sqlite_bind_text(statement_t *statement, int index, bytes_t value)
{
  return outcome(statement, sqlite3_bind_text64(handle_of(statement), index, not_null(value), value.len,
                                                SQLITE_STATIC, SQLITE_UTF8));
}

error_code_t sqlite_bind_null(statement_t *statement, int index)
{
  return outcome(statement, sqlite3_bind_null(handle_of(statement), index));
}

error_code_t sqlite_step(statement_t *statement, bool *ret_row)
{
  int result = sqlite3_step(handle_of(statement));
  if (result != SQLITE_ROW && result != SQLITE_DONE)
    return sqlite_failure(statement->database, result);
  *ret_row = result == SQLITE_ROW;
  return ERR_NONE;
}

int64_t sqlite_run_changes(const statement_t *statement, int64_t before)
{
  sqlite3 *handle = sqlite_handle(statement->database);
  return sqlite3_total_changes64(handle) == before ? 0 : sqlite3_changes64(handle);
}

void sqlite_reset(statement_t *statement)
{
  (void)sqlite3_reset(handle_of(statement)); /* repeats the step's error, which has been answered */
}

int64_t sqlite_integer(statement_t *statement, int column)
{
  return sqlite3_column_int64(handle_of(statement), column);
}

bool sqlite_is_null(statement_t *statement, int column)
{
  return sqlite3_column_type(handle_of(statement), column) == SQLITE_NULL;
}

bytes_t sqlite_blob(statement_t *statement, int column)
{
  sqlite3_stmt *handle = handle_of(statement);
  const void *data = sqlite3_column_blob(handle, column);
  return bytes_of(data, (size_t)sqlite3_column_bytes(handle, column));
}

bytes_t sqlite_text(statement_t *statement, int column)
{
  sqlite3_stmt *handle = handle_of(statement);
  const void *data = sqlite3_column_text(handle, column);
  return bytes_of(data, (size_t)sqlite3_column_bytes(handle, column));
}
