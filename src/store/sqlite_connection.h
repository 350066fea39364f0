/* What the two halves of the sqlite driver share. */
#ifndef SEKISHO_STORE_SQLITE_CONNECTION_H
#define SEKISHO_STORE_SQLITE_CONNECTION_H

#include <sqlite3.h>

#include "store/connection.h"

struct statement {
  database_t *database;
  const char *sql;
  sqlite3_stmt *handle; /* NULL when it could not be prepared */
  error_code_t failure; /* of preparing or binding; answered by the next step */
  bool active;          /* stepped and not reset */
};

typedef struct slot {
  const char *sql; /* the literal's address is the key; NULL: free */
  statement_t *statement;
} slot_t;

struct database {
  sqlite3 *handle;
  connection_role_t role;
  slot_t *slots; /* open addressing; the count is a power of two */
  size_t slot_count;
  size_t used;
  statement_t spare; /* answers when there is no memory for a statement */
  int active;        /* statements being stepped */
  int log_pages;
  bool broken;
  error_detail_t failure;
};

/* Maps a result code, notes the cause, and marks the connection broken when the medium is at fault. */
error_code_t sqlite_failure(database_t *database, int result);
/* False when out of memory; free may be called all the same. */
bool sqlite_statements_init(database_t *database);
void sqlite_statements_free(database_t *database);

#endif
