/* One SQL connection and its statements, free of any driver's types. */
#ifndef SEKISHO_STORE_DATABASE_H
#define SEKISHO_STORE_DATABASE_H

#include "base/arena.h"
#include "base/bytes.h"

typedef struct database database_t;
typedef struct statement statement_t;

/* Statements are prepared once per connection and kept; sql must be a string literal (its address is the
 * key). Returns a statement that is reset and unbound, never NULL: errors stay in it and surface at step. */
statement_t *database_statement(database_t *database, const char *sql);
void statement_bind_integer(statement_t *statement, int index, int64_t value); /* index from 1 */
/* Empty bytes are stored as an empty value, not as NULL. Text that is not UTF-8 or has a NUL makes the step
 * answer ERR_MALFORMED: no driver is asked to store what another would refuse. */
void statement_bind_blob(statement_t *statement, int index, bytes_t value); /* must live until reset */
void statement_bind_text(statement_t *statement, int index, bytes_t value);
void statement_bind_null(statement_t *statement, int index);

/* ERR_NONE with *ret_row true for a row, false at the end; ERR_CONFLICT for a violated unique or foreign key;
 * ERR_STORE_FAILED otherwise. The end and errors reset the statement. */
MUST_USE error_code_t statement_step(statement_t *statement, bool *ret_row);
/* For statements without rows: step to the end; *ret_changes (may be NULL) is the number of rows changed. */
MUST_USE error_code_t statement_run(statement_t *statement, int64_t *ret_changes);
/* Ends a statement that is not stepped to its end. */
void statement_reset(statement_t *statement);

int64_t statement_integer(statement_t *statement, int column); /* column from 0 */
bool statement_is_null(statement_t *statement, int column);
/* Views that end with the next step or reset; the _copy forms live in the arena. */
bytes_t statement_blob(statement_t *statement, int column);
bytes_t statement_text(statement_t *statement, int column);
bytes_t statement_blob_copy(statement_t *statement, int column, arena_t *arena);
bytes_t statement_text_copy(statement_t *statement, int column, arena_t *arena);
/* Copies a blob that must be exactly len bytes long; false otherwise. */
bool statement_blob_exact(statement_t *statement, int column, void *memory, size_t len);
/* Row id of the last insert on this connection. */
int64_t database_last_row(database_t *database);
/* In the transaction of a change that other nodes keep in memory: tells them to read it again
 * (store_watch.h). The topic is a literal. Nothing where there is one node. */
MUST_USE error_code_t database_announce(database_t *database, const char *topic);

#endif
