/* A connection over sqlite: WAL, synchronous=FULL, one writer that alone checkpoints. */
#include "store/sqlite_connection.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/store.h"

/* How long a statement waits for a lock. Only the moment in which a connection opens ever needs it. */
#define BUSY_TIMEOUT_MS 250
/* Page caches, in KiB. The system's cache holds the rest; a reading connection mostly needs upper pages. */
#define WRITER_CACHE_KIB 2048
#define READER_CACHE_KIB 512

const char *store_engine_version(void)
{
  return sqlite3_libversion();
}

static void configure_library(void)
{
  /* The statistics cost a process-wide mutex at every allocation. */
  (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static bool is_medium_failure(int result)
{
  switch (result & 0xff) {
  case SQLITE_FULL:
  case SQLITE_IOERR:
  case SQLITE_NOMEM:
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
  case SQLITE_READONLY:
  case SQLITE_CANTOPEN:
  case SQLITE_BUSY:
  case SQLITE_PROTOCOL:
    return true;
  default:
    return false;
  }
}

static bool is_conflict(int extended)
{
  return extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
         extended == SQLITE_CONSTRAINT_ROWID || extended == SQLITE_CONSTRAINT_FOREIGNKEY;
}

error_code_t sqlite_failure(database_t *database, int result)
{
  int extended = sqlite3_extended_errcode(database->handle);
  if ((result & 0xff) == SQLITE_CONSTRAINT && is_conflict(extended))
    return ERR_CONFLICT;
  if (is_medium_failure(result))
    database->broken = true;
  (void)error_because(&database->failure, ERR_STORE_FAILED, "sqlite %d: %s", extended,
                      sqlite3_errmsg(database->handle));
  return (result & 0xff) == SQLITE_NOMEM ? ERR_NO_MEMORY : ERR_STORE_FAILED;
}

static int note_log_pages(void *context, sqlite3 *handle, const char *name, int pages)
{
  database_t *database = context;
  database->log_pages = pages;
  return SQLITE_OK;
}

static error_code_t run_pragmas(database_t *database)
{
  char sql[400];
  bool writes = database->role == CONNECTION_WRITES;
  int len = snprintf(sql, sizeof(sql),
                     "%s PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
                     "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-%d; %s",
                     writes ? "PRAGMA journal_mode=WAL;" : "", writes ? WRITER_CACHE_KIB : READER_CACHE_KIB,
                     writes ? "" : "PRAGMA query_only=ON;");
  if (len < 0 || (size_t)len >= sizeof(sql))
    return ERR_INTERNAL;
  return connection_script(database, sql, NULL);
}

static error_code_t check_log_mode(database_t *database)
{
  bool row = false;
  statement_t *statement = database_statement(database, "PRAGMA journal_mode");
  error_code_t error = statement_step(statement, &row);
  if (error != ERR_NONE)
    return error;
  bool wal = row && bytes_equal_string(statement_text(statement, 0), "wal");
  statement_reset(statement);
  return wal ? ERR_NONE
             : error_because(&database->failure, ERR_STORE_FILE,
                             "this file system cannot hold a write-ahead log; use a local disk");
}

static error_code_t connection_configure(database_t *database)
{
  sqlite3 *handle = database->handle;
  (void)sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS);
  (void)sqlite3_extended_result_codes(handle, 1);
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
  if (database->role == CONNECTION_READS)
    (void)sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  error_code_t error = run_pragmas(database);
  if (error == ERR_NONE)
    error = check_log_mode(database);
  (void)sqlite3_wal_hook(handle, note_log_pages, database); /* last: wal_autocheckpoint sets one of its own */
  return error;
}

error_code_t connection_open(const char *path, connection_role_t role, database_t **ret_database,
                             error_detail_t *detail)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  (void)pthread_once(&once, configure_library);

  database_t *database = calloc(1, sizeof(*database));
  if (database == NULL || !sqlite_statements_init(database)) {
    free(database);
    return error_because(detail, ERR_NO_MEMORY, "no memory for a database connection");
  }
  database->role = role;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  int result = sqlite3_open_v2(path, &database->handle, flags, NULL);
  error_code_t error =
      result == SQLITE_OK ? connection_configure(database) : sqlite_failure(database, result);
  if (error != ERR_NONE) {
    error = error_because(detail, ERR_STORE_FILE, "%s: %s", path, database->failure.text);
    connection_close(database);
    return error;
  }
  *ret_database = database;
  return ERR_NONE;
}

void connection_close(database_t *database)
{
  sqlite_statements_free(database);
  (void)sqlite3_close_v2(database->handle);
  free(database);
}

error_code_t connection_script(database_t *database, const char *sql, error_detail_t *detail)
{
  int result = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
  if (result == SQLITE_OK)
    return ERR_NONE;
  error_code_t error = sqlite_failure(database, result);
  return error_because(detail, error, "%s", database->failure.text);
}

error_code_t connection_begin(database_t *database)
{
  database->broken = false;
  const char *sql = database->role == CONNECTION_WRITES ? "BEGIN IMMEDIATE" : "BEGIN";
  return statement_run(database_statement(database, sql), NULL);
}

error_code_t connection_commit(database_t *database)
{
  connection_end_statements(database);
  error_code_t error = statement_run(database_statement(database, "COMMIT"), NULL);
  if (error != ERR_NONE)
    connection_rollback(database);
  return error;
}

void connection_rollback(database_t *database)
{
  connection_end_statements(database);
  /* sqlite may have rolled back by itself, at a full disk for one. */
  if (!sqlite3_get_autocommit(database->handle))
    if (statement_run(database_statement(database, "ROLLBACK"), NULL) != ERR_NONE)
      database->broken = true;
}

int64_t connection_changes(const database_t *database)
{
  return sqlite3_total_changes64(database->handle);
}

bool connection_is_broken(const database_t *database)
{
  return database->broken || sqlite3_get_autocommit(database->handle);
}

const char *connection_failure(const database_t *database)
{
  return database->failure.text;
}

int connection_log_pages(const database_t *database)
{
  return database->log_pages;
}

error_code_t connection_checkpoint(database_t *database, checkpoint_t how)
{
  static const int modes[] = {SQLITE_CHECKPOINT_PASSIVE, SQLITE_CHECKPOINT_RESTART,
                              SQLITE_CHECKPOINT_TRUNCATE};
  int result = sqlite3_wal_checkpoint_v2(database->handle, NULL, modes[how], NULL, NULL);
  if ((result & 0xff) == SQLITE_BUSY) /* a reader needs the old pages; the next time then */
    return ERR_NONE;
  if (result != SQLITE_OK)
    return sqlite_failure(database, result);
  if (how == CHECKPOINT_EMPTY)
    database->log_pages = 0;
  return ERR_NONE;
}
