/* A connection as the store handles it: opening, transactions, checkpoints. Only src/store includes this;
 * repositories see database.h. driver.h says what an engine implements for both. */
#ifndef SEKISHO_STORE_CONNECTION_H
#define SEKISHO_STORE_CONNECTION_H

#include "store/database.h"

typedef enum connection_role {
  CONNECTION_WRITES,
  CONNECTION_READS,
  CONNECTION_WATCHES /* reads, and asks again so soon that a server may drop it when it does not */
} connection_role_t;

/* A file, which must exist (store_file_prepare), or an address (base/database_address.h). A reading
 * connection cannot write and never checkpoints. */
MUST_USE error_code_t connection_open(const char *address, connection_role_t role, database_t **ret_database,
                                      error_detail_t *detail);
void connection_close(database_t *database);

MUST_USE error_code_t connection_begin(database_t *database);
/* Durable when it returns ERR_NONE. After an error nothing of the transaction is left. */
MUST_USE error_code_t connection_commit(database_t *database);
void connection_rollback(database_t *database);

/* Runs several statements, for migrations. */
MUST_USE error_code_t connection_script(database_t *database, const char *sql, error_detail_t *detail);
/* Resets what is still being stepped, so that nothing keeps the transaction open. */
void connection_end_statements(database_t *database);
/* Rows changed since the connection was opened: tells whether a job changed something. */
int64_t connection_changes(const database_t *database);
typedef enum transaction_state {
  TRANSACTION_GOOD,
  TRANSACTION_ABORTED, /* PostgreSQL: a statement failed, and nothing works until a savepoint is gone back to.
                          Not while careful */
  TRANSACTION_BROKEN,  /* an error was the medium's, not the statement's: all of it must be undone */
  TRANSACTION_LOST     /* broken, and nothing of it is the jobs' fault: it may be run once more */
} transaction_state_t;
transaction_state_t connection_state(const database_t *database);
/* What went wrong last, for operators. */
const char *connection_failure(const database_t *database);

/* How many tables there are, and whether schema_migrations is one: in the file, or in the schema. */
MUST_USE error_code_t connection_count_tables(database_t *database, int64_t *ret_ours, int64_t *ret_all);
/* Keeps other nodes from migrating at the same time. */
MUST_USE error_code_t connection_lock_migrations(database_t *database, bool lock);

/* Whether a statement that fails must leave its transaction as it was, at a price where the engine does not
 * see to it by itself: then a job may go on after a conflict. */
void connection_set_careful(database_t *database, bool careful);
/* Another number when the server was connected anew since. */
uint64_t connection_generation(const database_t *database);

/* Pages in the write-ahead log after the last commit of this connection. */
int connection_log_pages(const database_t *database);
typedef enum checkpoint {
  CHECKPOINT_PASSIVE, /* moves the log's pages into the file, as far as no reader needs them; waits for nobody
                       */
  CHECKPOINT_RESTART, /* also waits a moment for readers, so that the log can start over */
  CHECKPOINT_EMPTY    /* also empties the log's file */
} checkpoint_t;

MUST_USE error_code_t connection_checkpoint(database_t *database, checkpoint_t how);

#endif
