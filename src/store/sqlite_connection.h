/* What the two halves of the sqlite driver share. */
#ifndef SEKISHO_STORE_SQLITE_CONNECTION_H
#define SEKISHO_STORE_SQLITE_CONNECTION_H

#include <sqlite3.h>

#include "store/driver.h"

typedef struct sqlite_statement {
  statement_t base;     /* first: the statement is it */
  sqlite3_stmt *handle; /* NULL when it could not be prepared */
} sqlite_statement_t;

typedef struct sqlite_database {
  database_t base; /* first: the database is it */
  sqlite3 *handle;
} sqlite_database_t;

/* Maps a result code, notes the cause, and marks the connection broken when the medium is at fault. */
error_code_t sqlite_failure(database_t *database, int result);
sqlite3 *sqlite_handle(const database_t *database);

statement_t *sqlite_statement_new(database_t *database, const char *sql);
void sqlite_statement_free(statement_t *statement);
error_code_t sqlite_ready(statement_t *statement);
error_code_t sqlite_bind_integer(statement_t *statement, int index, int64_t value);
error_code_t sqlite_bind_blob(statement_t *statement, int index, bytes_t value);
error_code_t sqlite_bind_text(statement_t *statement, int index, bytes_t value);
error_code_t sqlite_bind_null(statement_t *statement, int index);
error_code_t sqlite_step(statement_t *statement, bool *ret_row);
int64_t sqlite_run_changes(const statement_t *statement, int64_t before);
void sqlite_reset(statement_t *statement);
int64_t sqlite_integer(statement_t *statement, int column);
bool sqlite_is_null(statement_t *statement, int column);
bytes_t sqlite_blob(statement_t *statement, int column);
bytes_t sqlite_text(statement_t *statement, int column);

#endif
