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

sqlite3 *sqlite_handle(const database_t *database)
{
  return ((const sqlite_database_t *)database)->handle;
}

error_code_t sqlite_failure(database_t *database, int result)
{
  sqlite3 *handle = sqlite_handle(database);
  int extended = sqlite3_extended_errcode(handle);
  if ((result & 0xff) == SQLITE_CONSTRAINT && is_conflict(extended))
    return ERR_CONFLICT;
  if (is_medium_failure(result))
    database->broken = true;
  (void)error_because(&database->failure, ERR_STORE_FAILED, "sqlite %d: %s", extended,
                      sqlite3_errmsg(handle));
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
  sqlite3 *handle = sqlite_handle(database);
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

static error_code_t sqlite_open(const char *path, connection_role_t role, database_t **ret_database,
                                error_detail_t *detail)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  (void)pthread_once(&once, configure_library);

  sqlite_database_t *own = calloc(1, sizeof(*own));
  if (own == NULL || !database_init(&own->base, &sqlite_driver, role)) {
    free(own);
    return error_because(detail, ERR_NO_MEMORY, "no memory for a database connection");
  }
  database_t *database = &own->base;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  int result = sqlite3_open_v2(path, &own->handle, flags, NULL);
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

static void sqlite_close(database_t *database)
{
  (void)sqlite3_close_v2(sqlite_handle(database));
  free(database);
}

static error_code_t sqlite_script(database_t *database, const char *sql)
{
  int result = sqlite3_exec(sqlite_handle(database), sql, NULL, NULL, NULL);
  return result == SQLITE_OK ? ERR_NONE : sqlite_failure(database, result);
}

static error_code_t sqlite_begin(database_t *database)
{
  const char *sql = database->role == CONNECTION_WRITES ? "BEGIN IMMEDIATE" : "BEGIN";
  return statement_run(database_statement(database, sql), NULL);
}

static error_code_t sqlite_commit(database_t *database)
{
  return statement_run(database_statement(database, "COMMIT"), NULL);
}

static void sqlite_rollback(database_t *database)
{
  /* sqlite may have rolled back by itself, at a full disk for one. */
  if (!sqlite3_get_autocommit(sqlite_handle(database)))
    if (statement_run(database_statement(database, "ROLLBACK"), NULL) != ERR_NONE)
      database->broken = true;
}

static int64_t sqlite_changes(const database_t *database)
{
  return sqlite3_total_changes64(sqlite_handle(database));
}

/* A statement that fails undoes itself and leaves the transaction. */
static transaction_state_t sqlite_state(const database_t *database)
{
  bool broken = database->broken || sqlite3_get_autocommit(sqlite_handle(database));
  return broken ? TRANSACTION_BROKEN : TRANSACTION_GOOD;
}

static int64_t sqlite_last_row(database_t *database)
{
  return sqlite3_last_insert_rowid(sqlite_handle(database));
}

static error_code_t sqlite_count_tables(database_t *database, int64_t *ret_ours, int64_t *ret_all)
{
  bool row = false;
  statement_t *statement = database_statement(
      database, "SELECT count(*) FILTER (WHERE name = 'schema_migrations'), count(*) FROM sqlite_schema");
  error_code_t error = statement_step(statement, &row);
  if (error != ERR_NONE)
    return error;
  *ret_ours = statement_integer(statement, 0);
  *ret_all = statement_integer(statement, 1);
  statement_reset(statement);
  return ERR_NONE;
}

static error_code_t sqlite_checkpoint(database_t *database, checkpoint_t how)
{
  static const int modes[] = {SQLITE_CHECKPOINT_PASSIVE, SQLITE_CHECKPOINT_RESTART,
                              SQLITE_CHECKPOINT_TRUNCATE};
  int result = sqlite3_wal_checkpoint_v2(sqlite_handle(database), NULL, modes[how], NULL, NULL);
  if ((result & 0xff) == SQLITE_BUSY) /* a reader needs the old pages; the next time then */
    return ERR_NONE;
  if (result != SQLITE_OK)
    return sqlite_failure(database, result);
  if (how == CHECKPOINT_EMPTY)
    database->log_pages = 0;
  return ERR_NONE;
}

/* The file's lock keeps every other process away. */
static error_code_t sqlite_lock_migrations(database_t *database, bool lock)
{
  return ERR_NONE;
}

static error_code_t sqlite_announce(database_t *database, const char *topic)
{
  return ERR_NONE;
}

static uint64_t sqlite_generation(const database_t *database)
{
  return 1;
}

const driver_t sqlite_driver = {.open = sqlite_open,
                                .close = sqlite_close,
                                .begin = sqlite_begin,
                                .commit = sqlite_commit,
                                .rollback = sqlite_rollback,
                                .script = sqlite_script,
                                .changes = sqlite_changes,
                                .state = sqlite_state,
                                .last_row = sqlite_last_row,
                                .count_tables = sqlite_count_tables,
                                .checkpoint = sqlite_checkpoint,
                                .lock_migrations = sqlite_lock_migrations,
                                .announce = sqlite_announce,
                                .generation = sqlite_generation,
                                .statement_new = sqlite_statement_new,
                                .statement_free = sqlite_statement_free,
                                .ready = sqlite_ready,
                                .bind_integer = sqlite_bind_integer,
                                .bind_blob = sqlite_bind_blob,
                                .bind_text = sqlite_bind_text,
                                .bind_null = sqlite_bind_null,
                                .step = sqlite_step,
                                .run_changes = sqlite_run_changes,
                                .reset = sqlite_reset,
                                .integer = sqlite_integer,
                                .is_null = sqlite_is_null,
                                .blob = sqlite_blob,
                                .text = sqlite_text};
