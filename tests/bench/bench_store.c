/* Durable jobs a second through the store: one submitter against 64, each waiting for its answer. The job is
 * what a login writes: a spent challenge, a counter, a session, evidence, an audit row.
 *
 * usage: bench_store [FOLDER [SECONDS]]; with LD_PRELOAD=slow_fsync.so every sync takes 2 ms. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/secret.h"
#include "store/store.h"

#define SUBMITTERS 64
#define CREDENTIALS 10000

static const migration_t schema[] = {
    {1,
     "CREATE TABLE spent (expires_ms INTEGER NOT NULL, nonce BLOB NOT NULL, PRIMARY KEY (expires_ms, nonce))"
     " STRICT, WITHOUT ROWID;"
     "CREATE TABLE credential (id INTEGER PRIMARY KEY, counter INTEGER NOT NULL, used_ms INTEGER NOT NULL)"
     " STRICT;"
     "CREATE TABLE session (id INTEGER PRIMARY KEY, credential INTEGER NOT NULL REFERENCES credential (id),"
     " secret BLOB NOT NULL, created_ms INTEGER NOT NULL) STRICT;"
     "CREATE TABLE evidence (id INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES session (id),"
     " signed BLOB NOT NULL) STRICT;"},
    {2, "CREATE TABLE audit (seq INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, event TEXT NOT NULL,"
        " actor TEXT NOT NULL, subject TEXT NOT NULL, request TEXT NOT NULL, detail TEXT NOT NULL,"
        " previous BLOB NOT NULL, hash BLOB NOT NULL) STRICT;"},
};

typedef struct login {
  store_job_t job;
  int64_t credential;
  int64_t now_ms;
  uint8_t nonce[16];
  uint8_t secret[32];
  uint8_t signed_bytes[400];
} login_t;

static error_code_t insert_spent(database_t *database, const login_t *login)
{
  statement_t *statement =
      database_statement(database, "INSERT INTO spent (expires_ms, nonce) VALUES (?1, ?2)");
  statement_bind_integer(statement, 1, login->now_ms + SECONDS_MS(300));
  statement_bind_blob(statement, 2, bytes_of(login->nonce, sizeof(login->nonce)));
  return statement_run(statement, NULL);
}

static error_code_t update_credential(database_t *database, const login_t *login)
{
  statement_t *statement =
      database_statement(database, "UPDATE credential SET counter = counter + 1, used_ms = ?2 WHERE id = ?1");
  statement_bind_integer(statement, 1, login->credential);
  statement_bind_integer(statement, 2, login->now_ms);
  return statement_run(statement, NULL);
}

static error_code_t insert_session(database_t *database, const login_t *login)
{
  statement_t *statement = database_statement(
      database, "INSERT INTO session (credential, secret, created_ms) VALUES (?1, ?2, ?3)");
  statement_bind_integer(statement, 1, login->credential);
  statement_bind_blob(statement, 2, bytes_of(login->secret, sizeof(login->secret)));
  statement_bind_integer(statement, 3, login->now_ms);
  error_code_t error = statement_run(statement, NULL);
  if (error != ERR_NONE)
    return error;
  statement = database_statement(database, "INSERT INTO evidence (session, signed) VALUES (?1, ?2)");
  statement_bind_integer(statement, 1, database_last_row(database));
  statement_bind_blob(statement, 2, bytes_of(login->signed_bytes, sizeof(login->signed_bytes)));
  return statement_run(statement, NULL);
}

static error_code_t login_apply(database_t *database, store_job_t *job)
{
  const login_t *login = (const login_t *)job;
  error_code_t error = insert_spent(database, login);
  if (error == ERR_NONE)
    error = update_credential(database, login);
  if (error == ERR_NONE)
    error = insert_session(database, login);
  if (error == ERR_NONE && getenv("BENCH_NO_AUDIT") == NULL)
    error = audit_append(database, &(audit_event_t){.time_ms = login->now_ms,
                                                    .event = "session.opened",
                                                    .actor = BYTES_LITERAL("user:0123456789abcdef"),
                                                    .subject = BYTES_LITERAL("session:0123456789abcdef"),
                                                    .request = BYTES_LITERAL("0123456789abcdef"),
                                                    .detail = BYTES_LITERAL("{\"acr\":\"phr\"}")});
  return error;
}

static error_code_t fill_apply(database_t *database, store_job_t *job)
{
  for (int64_t id = 1; id <= CREDENTIALS; id++) {
    statement_t *statement =
        database_statement(database, "INSERT INTO credential (id, counter, used_ms) VALUES (?1, 0, 0)");
    statement_bind_integer(statement, 1, id);
    error_code_t error = statement_run(statement, NULL);
    if (error != ERR_NONE)
      return error;
  }
  return ERR_NONE;
}

typedef struct run {
  store_t *store;
  atomic_llong answered;
  atomic_bool stop;
} run_t;

static void *submitter(void *argument)
{
  run_t *run = argument;
  while (!atomic_load(&run->stop)) {
    uint32_t pick = 0;
    login_t login = {.job = {.apply = login_apply}, .now_ms = clock_now_ms()};
    random_fill(login.nonce, sizeof(login.nonce));
    random_fill(&pick, sizeof(pick));
    login.credential = 1 + (int64_t)(pick % CREDENTIALS);
    if (store_run(run->store, &login.job) == ERR_NONE)
      atomic_fetch_add(&run->answered, 1);
  }
  return NULL;
}

static double seconds_of(clockid_t clock)
{
  struct timespec now;
  (void)clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Jobs a second; prints them with the processor time a job. */
static double measure(store_t *store, const char *name, int submitters, int seconds)
{
  pthread_t threads[SUBMITTERS];
  run_t run = {.store = store};
  store_stats_t before;
  store_stats_t after;
  store_stats(store, &before);
  double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  double start = seconds_of(CLOCK_MONOTONIC);
  for (int i = 0; i < submitters; i++)
    if (pthread_create(&threads[i], NULL, submitter, &run) != 0)
      abort();
  (void)sleep((unsigned)seconds);
  atomic_store(&run.stop, true);
  for (int i = 0; i < submitters; i++)
    (void)pthread_join(threads[i], NULL);
  double spent = seconds_of(CLOCK_MONOTONIC) - start;
  cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  store_stats(store, &after);
  double jobs = (double)atomic_load(&run.answered);
  (void)printf("%-14s %9.0f jobs/s %7.1f us CPU/job %6.1f jobs/commit %4lld checkpoints\n", name,
               jobs / spent, cpu / jobs * 1e6, jobs / (double)(after.commits - before.commits),
               (long long)(after.checkpoints - before.checkpoints));
  return jobs / spent;
}

static double sync_latency_us(const char *folder)
{
  char path[512];
  (void)snprintf(path, sizeof(path), "%s/bench_sync", folder);
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return -1;
  char block[4096] = {1};
  double start = seconds_of(CLOCK_MONOTONIC);
  for (int i = 0; i < 100; i++)
    if (pwrite(file, block, sizeof(block), i % 16 * 4096) < 0 || fdatasync(file) != 0)
      break;
  double spent = seconds_of(CLOCK_MONOTONIC) - start;
  (void)close(file);
  (void)unlink(path);
  return spent * 1e6 / 100;
}

int main(int argc, char **argv)
{
  const char *folder = argc > 1 ? argv[1] : "/tmp";
  int seconds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 3;
  char path[512];
  store_t *store = NULL;
  error_detail_t detail = {""};
  (void)snprintf(path, sizeof(path), "%s/bench_store.db", folder);
  (void)unlink(path);
  if (store_open(path, schema, sizeof(schema) / sizeof(schema[0]), &store, &detail) != ERR_NONE) {
    (void)fprintf(stderr, "%s\n", detail.text);
    return 1;
  }
  store_job_t fill = {.apply = fill_apply};
  if (store_run(store, &fill) != ERR_NONE)
    return 1;
  (void)printf("write and sync of 4 KiB: %.0f us\n", sync_latency_us(folder));
  double one = measure(store, "one at a time", 1, seconds);
  double many = measure(store, "64 submitters", SUBMITTERS, seconds);
  (void)printf("ratio %.1f\n", many / one);
  store_close(store);
  (void)unlink(path);
  return 0;
}
