/* A connection over PostgreSQL. Writers of all nodes take turns, by a lock of the schema that each holds for
 * the length of its transaction: so what is written for one writer holds for several
 * (docs/adr/0047-postgresql.md). */
#include "store/postgres_connection.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/database_address.h"
#include "store/postgres_sql.h"

/* The server gives a statement 5 s, and a transaction that asks for nothing 10 s: then the other nodes go on.
 */
#define SESSION                                                                                              \
  "SET statement_timeout = 5000; SET lock_timeout = 5000; SET idle_in_transaction_session_timeout = 10000; " \
  "SET standard_conforming_strings = on; SET synchronous_commit = on;"
#define PATIENCE_MS 8000
#define MIGRATION_PATIENCE_MS SECONDS_MS(3600)
#define OLDEST_SERVER 140000
#define READ_SESSION "SET default_transaction_read_only = on"
/* A node that hangs loses the lead. */
#define WATCH_SESSION READ_SESSION "; SET idle_session_timeout = 5000"

static postgres_database_t *own_of(database_t *database)
{
  return (postgres_database_t *)database;
}

/* --- failures --- */

static bool is_class(const char *state, const char *class)
{
  return strncmp(state, class, strlen(class)) == 0;
}

/* Nothing of the transaction was kept, and none of its statements was at fault: the server went, or broke a
 * deadlock. */
static bool is_loss(const char *state)
{
  return is_class(state, "08") || is_class(state, "57P0") || is_class(state, "40") ||
         is_class(state, "25P03");
}

/* Resources, operators, the disk, and a server that is a standby now. */
static bool is_medium(const char *state)
{
  return is_class(state, "53") || is_class(state, "57") || is_class(state, "58") ||
         is_class(state, "55P03") || is_class(state, "25006") || is_class(state, "XX");
}

error_code_t postgres_failure(postgres_database_t *database, const PGresult *result)
{
  const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
  const char *message = result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
  if (state != NULL && (strcmp(state, "23505") == 0 || strcmp(state, "23503") == 0))
    return ERR_CONFLICT;
  if (state == NULL || is_loss(state) || is_medium(state)) {
    database->base.broken = true;
    database->lost = state == NULL || is_loss(state);
  }
  if (message == NULL)
    message = database->handle != NULL ? PQerrorMessage(database->handle) : NULL;
  if (message != NULL || database->base.failure.text[0] == '\0')
    (void)error_because(&database->base.failure, ERR_STORE_FAILED, "postgresql %s: %.*s",
                        state != NULL ? state : "connection",
                        message != NULL ? (int)strcspn(message, "\n") : 4,
                        message != NULL ? message : "lost");
  if (database->handle != NULL &&
      (PQstatus(database->handle) == CONNECTION_BAD || (state != NULL && is_class(state, "25006"))))
    postgres_disconnect(database);
  return ERR_STORE_FAILED;
}

/* --- asking --- */

/* Until the server has something to read; false when it takes too long. */
static bool wait_readable(postgres_database_t *database, int64_t until_ms)
{
  struct pollfd socket = {.fd = PQsocket(database->handle), .events = POLLIN};
  int64_t left_ms = until_ms - clock_monotonic_ms();
  return left_ms > 0 && poll(&socket, 1, (int)left_ms) != 0;
}

static PGresult *next_result(postgres_database_t *database, int64_t until_ms, bool *ret_gone)
{
  while (PQisBusy(database->handle)) {
    if (!wait_readable(database, until_ms) || PQconsumeInput(database->handle) == 0) {
      *ret_gone = true;
      return NULL;
    }
  }
  return PQgetResult(database->handle);
}

/* Of several statements the first that failed, else the last. */
PGresult *postgres_answer(postgres_database_t *database)
{
  int64_t until_ms = clock_monotonic_ms() + database->patience_ms;
  PGresult *kept = NULL;
  bool gone = false;
  for (PGresult *next; (next = next_result(database, until_ms, &gone)) != NULL;) {
    if (kept != NULL && PQresultStatus(kept) == PGRES_FATAL_ERROR) {
      PQclear(next);
      continue;
    }
    PQclear(kept);
    kept = next;
  }
  if (gone) {
    (void)error_because(&database->base.failure, ERR_STORE_FAILED, "postgresql connection: %s",
                        "the server does not answer");
    PQclear(kept);
    postgres_disconnect(database);
    return NULL;
  }
  return kept;
}

error_code_t postgres_execute(postgres_database_t *database, const char *sql)
{
  if (database->handle == NULL || PQsendQuery(database->handle, sql) == 0)
    return postgres_failure(database, NULL);
  PGresult *result = postgres_answer(database);
  ExecStatusType status = PQresultStatus(result);
  error_code_t error =
      status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? ERR_NONE : postgres_failure(database, result);
  PQclear(result);
  return error;
}

/* --- connecting --- */

void postgres_disconnect(postgres_database_t *database)
{
  PQfinish(database->handle);
  database->handle = NULL;
}

static error_code_t refuse_server(postgres_database_t *database, const char *why)
{
  postgres_disconnect(database);
  database->base.broken = true;
  return error_because(&database->base.failure, ERR_STORE_FAILED, "postgresql: %s", why);
}

/* Its role may lack the right to make one, and the schema be there. */
static error_code_t make_schema(postgres_database_t *database)
{
  char sql[400];
  (void)snprintf(sql, sizeof(sql),
                 "DO $$BEGIN IF to_regnamespace('\"%s\"') IS NULL THEN "
                 "PERFORM pg_advisory_xact_lock(%lld); CREATE SCHEMA IF NOT EXISTS \"%s\"; END IF; END$$",
                 database->schema, (long long)database->lock_key, database->schema);
  return postgres_execute(database, sql);
}

static error_code_t begin_session(postgres_database_t *database)
{
  static const char *const extra[] = {
      [CONNECTION_WRITES] = "", [CONNECTION_READS] = READ_SESSION, [CONNECTION_WATCHES] = WATCH_SESSION};
  char sql[600];
  if (PQserverVersion(database->handle) < OLDEST_SERVER)
    return refuse_server(database, "the server is older than version 14; use a newer one");
  const char *encoding = PQparameterStatus(database->handle, "server_encoding");
  if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
    return refuse_server(database, "the database is not of encoding UTF8; make one that is");
  (void)snprintf(sql, sizeof(sql), SESSION " SET search_path = \"%s\", pg_temp; %s", database->schema,
                 extra[database->base.role]);
  error_code_t error = postgres_execute(database, sql);
  if (error == ERR_NONE && database->base.role == CONNECTION_WRITES)
    error = make_schema(database);
  return error;
}

static void ignore_notice(void *context, const PGresult *result)
{
  (void)context;
  (void)result;
}

/* What stands before dbname may be set otherwise in the address. */
static error_code_t connect_now(postgres_database_t *database)
{
  const char *const keys[] = {"sslmode",
                              "connect_timeout",
                              "tcp_user_timeout",
                              "keepalives_idle",
                              "keepalives_interval",
                              "keepalives_count",
                              "target_session_attrs",
                              "fallback_application_name",
                              "dbname",
                              "client_encoding",
                              NULL};
  const char *const values[] = {"verify-full", "3",       "5000",        "5",    "2", "3",
                                "read-write",  "sekisho", database->url, "UTF8", NULL};
  database->generation++;
  database->handle = PQconnectdbParams(keys, values, 1);
  if (database->handle == NULL || PQstatus(database->handle) != CONNECTION_OK) {
    error_code_t error = postgres_failure(database, NULL);
    postgres_disconnect(database);
    return error;
  }
  (void)PQsetNoticeReceiver(database->handle, ignore_notice, NULL);
  error_code_t error = begin_session(database);
  if (error != ERR_NONE)
    postgres_disconnect(database);
  return error;
}

/* FNV-1a: the same number at every node. */
static int64_t schema_number(const char *schema)
{
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (const char *at = schema; *at != '\0'; at++)
    hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
  return (int64_t)hash;
}

/* Readers see one moment; writers see what those before them committed. */
static char *begin_text(const postgres_database_t *database)
{
  char text[160];
  if (database->base.role != CONNECTION_WRITES)
    return strdup("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  (void)snprintf(text, sizeof(text),
                 "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SELECT pg_advisory_xact_lock(%lld)",
                 (long long)database->lock_key);
  return strdup(text);
}

static bool read_address(postgres_database_t *database, const char *address)
{
  const char *schema = database_address_schema(address);
  database->url = strndup(address, strcspn(address, "#"));
  database->schema = strdup(schema);
  database->lock_key = schema_number(schema);
  database->begin = begin_text(database);
  return database->url != NULL && database->schema != NULL && database->begin != NULL;
}

static void postgres_close(database_t *database)
{
  postgres_database_t *own = own_of(database);
  postgres_disconnect(own);
  free(own->url);
  free(own->schema);
  free(own->begin);
  free(own);
}

static error_code_t postgres_open(const char *address, connection_role_t role, database_t **ret_database,
                                  error_detail_t *detail)
{
  postgres_database_t *own = calloc(1, sizeof(*own));
  if (own == NULL)
    return error_because(detail, ERR_NO_MEMORY, "no memory for a database connection");
  own->patience_ms = PATIENCE_MS;
  error_code_t error = database_init(&own->base, &postgres_driver, role) && read_address(own, address)
                           ? ERR_NONE
                           : ERR_NO_MEMORY;
  if (error == ERR_NONE)
    error = connect_now(own);
  if (error != ERR_NONE) {
    error = error_because(detail, error == ERR_NO_MEMORY ? error : ERR_STORE_SERVER, "%s",
                          own->base.failure.text);
    connection_close(&own->base);
    return error;
  }
  *ret_database = &own->base;
  return ERR_NONE;
}

/* --- transactions --- */

/* A server that was started again is found out here: what was idle is connected anew, and nobody notices. */
static error_code_t postgres_begin(database_t *database)
{
  postgres_database_t *own = own_of(database);
  error_code_t error = ERR_STORE_FAILED;
  for (int attempt = 0; attempt < 2; attempt++) {
    bool fresh = own->handle == NULL;
    database->broken = own->lost = false;
    error = fresh ? connect_now(own) : ERR_NONE;
    if (error == ERR_NONE)
      error = postgres_execute(own, own->begin);
    if (error == ERR_NONE || fresh || own->handle != NULL)
      break;
  }
  own->lost = false; /* it has been tried again */
  if (error != ERR_NONE)
    database->driver->rollback(database);
  return error;
}

/* What becomes of a commit whose answer is lost is not known: it is told as failed and never run again. The
 * server answers ROLLBACK, and no error, when a statement of the transaction had failed. */
static error_code_t postgres_commit(database_t *database)
{
  postgres_database_t *own = own_of(database);
  if (own->handle == NULL || PQsendQuery(own->handle, "COMMIT") == 0)
    return postgres_failure(own, NULL);
  PGresult *result = postgres_answer(own);
  bool done = PQresultStatus(result) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(result), "COMMIT") == 0;
  error_code_t error = done ? ERR_NONE : postgres_failure(own, result);
  PQclear(result);
  own->lost = false;
  return done ? ERR_NONE : error == ERR_NONE ? ERR_STORE_FAILED : error;
}

static void postgres_rollback(database_t *database)
{
  postgres_database_t *own = own_of(database);
  bool lost = own->lost;
  if (own->handle != NULL && PQtransactionStatus(own->handle) != PQTRANS_IDLE)
    if (postgres_execute(own, "ROLLBACK") != ERR_NONE)
      postgres_disconnect(own);
  own->lost = lost;
}

static error_code_t postgres_script(database_t *database, const char *sql)
{
  char *text = postgres_sql(sql);
  if (text == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = postgres_execute(own_of(database), text);
  free(text);
  return error;
}

static int64_t postgres_changes(const database_t *database)
{
  return ((const postgres_database_t *)database)->changes;
}

static transaction_state_t postgres_state(const database_t *database)
{
  const postgres_database_t *own = (const postgres_database_t *)database;
  if (own->lost)
    return TRANSACTION_LOST;
  if (database->broken || own->handle == NULL)
    return TRANSACTION_BROKEN;
  switch (PQtransactionStatus(own->handle)) {
  case PQTRANS_INTRANS:
    return TRANSACTION_GOOD;
  case PQTRANS_INERROR:
    return TRANSACTION_ABORTED;
  default:
    return TRANSACTION_BROKEN;
  }
}

static error_code_t ask(database_t *database, const char *sql, int64_t *ret_first, int64_t *ret_second)
{
  bool row = false;
  statement_t *statement = database_statement(database, sql);
  error_code_t error = statement_step(statement, &row);
  if (error != ERR_NONE)
    return error;
  *ret_first = row ? statement_integer(statement, 0) : 0;
  if (ret_second != NULL)
    *ret_second = row ? statement_integer(statement, 1) : 0;
  statement_reset(statement);
  return ERR_NONE;
}

/* Of the sequence that the insert just used; 0 when it used none. */
static int64_t postgres_last_row(database_t *database)
{
  int64_t row = 0;
  return ask(database, "SELECT lastval()", &row, NULL) == ERR_NONE ? row : 0;
}

/* --- migrations --- */

static error_code_t postgres_count_tables(database_t *database, int64_t *ret_ours, int64_t *ret_all)
{
  return ask(database,
             "SELECT count(*) FILTER (WHERE relname = 'schema_migrations'), count(*) FROM pg_class "
             "WHERE relkind = 'r' AND relname NOT IN ('store_changes', 'store_facts') "
             "AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())",
             ret_ours, ret_all);
}

/* Beside the migrations, which SQLite has, too: what only several nodes need. */
static const char own_tables[] =
    "CREATE TABLE IF NOT EXISTS store_changes (sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
    "topic text NOT NULL, made_ms bigint NOT NULL);"
    "CREATE TABLE IF NOT EXISTS store_facts (name text PRIMARY KEY, value bytea NOT NULL);";

static error_code_t postgres_lock_migrations(database_t *database, bool lock)
{
  postgres_database_t *own = own_of(database);
  char sql[400];
  own->patience_ms = lock ? MIGRATION_PATIENCE_MS : PATIENCE_MS;
  (void)snprintf(sql, sizeof(sql),
                 lock ? "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock(%lld)"
                      : "SELECT pg_advisory_unlock(%lld); " SESSION,
                 (long long)own->lock_key);
  error_code_t error = postgres_execute(own, sql);
  return error == ERR_NONE && lock ? postgres_execute(own, own_tables) : error;
}

static error_code_t postgres_announce(database_t *database, const char *topic)
{
  statement_t *statement =
      database_statement(database, "INSERT INTO store_changes (topic, made_ms) VALUES (?1, ?2)");
  statement_bind_text(statement, 1, bytes_of_string(topic));
  statement_bind_integer(statement, 2, clock_now_ms());
  return statement_run(statement, NULL);
}

static uint64_t postgres_generation(const database_t *database)
{
  return ((const postgres_database_t *)database)->generation;
}

/* The server keeps its own log. */
static error_code_t postgres_checkpoint(database_t *database, checkpoint_t how)
{
  return ERR_NONE;
}

const driver_t postgres_driver = {.open = postgres_open,
                                  .close = postgres_close,
                                  .begin = postgres_begin,
                                  .commit = postgres_commit,
                                  .rollback = postgres_rollback,
                                  .script = postgres_script,
                                  .changes = postgres_changes,
                                  .state = postgres_state,
                                  .last_row = postgres_last_row,
                                  .count_tables = postgres_count_tables,
                                  .checkpoint = postgres_checkpoint,
                                  .lock_migrations = postgres_lock_migrations,
                                  .announce = postgres_announce,
                                  .generation = postgres_generation,
                                  .statement_new = postgres_statement_new,
                                  .statement_free = postgres_statement_free,
                                  .ready = postgres_ready,
                                  .bind_integer = postgres_bind_integer,
                                  .bind_blob = postgres_bind_blob,
                                  .bind_text = postgres_bind_text,
                                  .bind_null = postgres_bind_null,
                                  .step = postgres_step,
                                  .run_changes = postgres_run_changes,
                                  .reset = postgres_reset,
                                  .integer = postgres_integer,
                                  .is_null = postgres_is_null,
                                  .blob = postgres_bytes,
                                  .text = postgres_bytes};
