/* A store: lock, writer and reading connections put together. */
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/database_address.h"
#include "store/connection.h"
#include "store/migrate.h"
#include "store/read_pool.h"
#include "store/store_file.h"
#include "store/store_watch.h"
#include "store/writer.h"

struct store {
  int lock;             /* descriptor that holds the file's process lock */
  store_watch_t *watch; /* NULL: there is no other node */
  writer_t *writer;
  read_pool_t *pool;
};

#define CHANGES_SWEEP_MS 60000
/* Longer than any watch that is still current has not looked. */
#define CHANGES_KEPT_MS (10 * SECONDS_MS(60))

static error_code_t open_writer(const char *address, const migration_t *migrations, size_t count,
                                writer_t **ret_writer, error_detail_t *detail)
{
  database_t *database = NULL;
  error_code_t error = connection_open(address, CONNECTION_WRITES, &database, detail);
  if (error != ERR_NONE)
    return error;
  error = migrate_run(database, migrations, count, detail);
  if (error != ERR_NONE) {
    connection_close(database);
    return error;
  }
  error = writer_start(database, ret_writer);
  if (error != ERR_NONE)
    return error_because(detail, error, "cannot start the writing thread");
  return ERR_NONE;
}

static error_code_t sweep_changes(database_t *database, int64_t now_ms, bool *ret_more)
{
  statement_t *delete = database_statement(database, "DELETE FROM store_changes WHERE made_ms < ?1");
  statement_bind_integer(delete, 1, now_ms - CHANGES_KEPT_MS);
  *ret_more = false;
  return statement_run(delete, NULL);
}

static error_code_t open_watch(store_t *store, const char *address, error_detail_t *detail)
{
  error_code_t error = store_watch_start(address, &store->watch, detail);
  return error == ERR_NONE ? store_add_sweep(store, sweep_changes, CHANGES_SWEEP_MS) : error;
}

static error_code_t store_fill(store_t *store, const char *address, const migration_t *migrations,
                               size_t count, error_detail_t *detail)
{
  bool shared = database_address_is_url(address);
  error_code_t error = shared ? ERR_NONE : store_file_prepare(address, &store->lock, detail);
  if (error == ERR_NONE) {
    error_detail_t cause = {""};
    error = open_writer(address, migrations, count, &store->writer, &cause);
    if (error != ERR_NONE)
      return error_because(detail, error, "%s%s%s", shared ? "" : address, shared ? "" : ": ", cause.text);
  }
  if (shared && error == ERR_NONE)
    error = open_watch(store, address, detail);
  if (error == ERR_NONE) {
    store->pool = read_pool_new(address);
    if (store->pool == NULL)
      error = error_because(detail, ERR_NO_MEMORY, "no memory for reading connections");
  }
  return error;
}

error_code_t store_open(const char *address, const migration_t *migrations, size_t count, store_t **ret_store,
                        error_detail_t *detail)
{
  store_t *store = calloc(1, sizeof(*store));
  if (store == NULL)
    return error_because(detail, ERR_NO_MEMORY, "no memory for a store");
  store->lock = -1;
  error_code_t error = store_fill(store, address, migrations, count, detail);
  if (error != ERR_NONE) {
    store_close(store);
    return error;
  }
  *ret_store = store;
  return ERR_NONE;
}

void store_unwatch(store_t *store)
{
  if (store->watch != NULL)
    store_watch_stop(store->watch);
  store->watch = NULL;
}

void store_close(store_t *store)
{
  if (store == NULL)
    return;
  store_unwatch(store);
  if (store->pool != NULL)
    read_pool_free(store->pool); /* before the writer: the last to close empties the log */
  if (store->writer != NULL)
    writer_stop(store->writer);
  if (store->lock >= 0)
    (void)close(store->lock);
  free(store);
}

void store_submit(store_t *store, store_job_t *job)
{
  writer_submit(store->writer, job);
}

/* A job that carries another, and the thread that waits for it. */
typedef struct wait {
  store_job_t job; /* first: the job is the wait */
  store_job_t *inner;
  pthread_mutex_t mutex;
  pthread_cond_t ended;
  bool over;
} wait_t;

static error_code_t wait_apply(database_t *database, store_job_t *job)
{
  store_job_t *inner = ((wait_t *)job)->inner;
  return inner->apply(database, inner);
}

static void wait_done(store_job_t *job)
{
  wait_t *wait = (wait_t *)job;
  (void)pthread_mutex_lock(&wait->mutex);
  wait->over = true;
  (void)pthread_cond_signal(&wait->ended);
  (void)pthread_mutex_unlock(&wait->mutex);
}

error_code_t store_run(store_t *store, store_job_t *job)
{
  wait_t wait = {.job = {.apply = wait_apply, .done = wait_done}, .inner = job, .over = false};
  (void)pthread_mutex_init(&wait.mutex, NULL);
  (void)pthread_cond_init(&wait.ended, NULL);
  store_submit(store, &wait.job);
  (void)pthread_mutex_lock(&wait.mutex);
  while (!wait.over)
    (void)pthread_cond_wait(&wait.ended, &wait.mutex);
  (void)pthread_mutex_unlock(&wait.mutex);
  (void)pthread_cond_destroy(&wait.ended);
  (void)pthread_mutex_destroy(&wait.mutex);
  job->outcome = wait.job.outcome;
  return job->outcome;
}

store_read_t store_read_begin(store_t *store)
{
  bool reaches = store->watch == NULL || store_watch_reaches(store->watch);
  store_read_t read = {store, reaches ? read_pool_take(store->pool) : NULL};
  /* One transaction: several statements see one state, and take the log's locks once. */
  if (read.database != NULL && connection_begin(read.database) != ERR_NONE) {
    read_pool_give(store->pool, read.database);
    read.database = NULL;
  }
  return read;
}

void store_read_end(store_read_t *read)
{
  if (read->database == NULL)
    return;
  if (connection_commit(read->database) != ERR_NONE)
    connection_rollback(read->database);
  read_pool_give(read->store->pool, read->database);
  read->database = NULL;
}

error_code_t store_add_sweep(store_t *store, store_sweep_t *sweep, int64_t interval_ms)
{
  return writer_add_sweep(store->writer, sweep, interval_ms);
}

bool store_is_healthy(store_t *store)
{
  store_stats_t stats;
  writer_stats(store->writer, &stats);
  return stats.healthy && store_is_current(store);
}

error_code_t store_watch_topic(store_t *store, const char *topic, store_heard_t *heard, void *context)
{
  return store->watch != NULL ? store_watch_add(store->watch, topic, heard, context) : ERR_NONE;
}

bool store_is_current(const store_t *store)
{
  return store->watch == NULL || store_watch_is_current(store->watch);
}

bool store_leads(const store_t *store)
{
  return store->watch == NULL || store_watch_leads(store->watch);
}

bool store_is_shared(const store_t *store)
{
  return store->watch != NULL;
}

typedef struct fact_job {
  store_job_t job;
  bytes_t name, value;
  bool same;
} fact_job_t;

static error_code_t fact_read(database_t *database, fact_job_t *fact, bool *ret_found)
{
  statement_t *select = database_statement(database, "SELECT value FROM store_facts WHERE name = ?1");
  statement_bind_text(select, 1, fact->name);
  error_code_t error = statement_step(select, ret_found);
  if (error != ERR_NONE || !*ret_found)
    return error;
  fact->same = bytes_equal(statement_blob(select, 0), fact->value);
  statement_reset(select);
  return ERR_NONE;
}

static error_code_t fact_apply(database_t *database, store_job_t *job)
{
  fact_job_t *fact = (fact_job_t *)job;
  statement_t *insert = database_statement(
      database, "INSERT INTO store_facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING");
  statement_bind_text(insert, 1, fact->name);
  statement_bind_blob(insert, 2, fact->value);
  error_code_t error = statement_run(insert, NULL);
  if (error != ERR_NONE)
    return error;
  bool found = false;
  return fact_read(database, fact, &found);
}

static error_code_t fact_find(store_t *store, fact_job_t *fact, bool *ret_found)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(store);
  return read.database != NULL ? fact_read(read.database, fact, ret_found) : ERR_UNAVAILABLE;
}

/* A file of a database is refused by its owner when its key file is missing (ops/key_file.h). */
error_code_t store_check_key(store_t *store, const char *name, bytes_t fingerprint, error_detail_t *detail)
{
  if (!store_is_shared(store))
    return ERR_NONE;
  fact_job_t fact = {.job = {.apply = fact_apply}, .name = bytes_of_string(name), .value = fingerprint};
  bool found = false;
  error_code_t error = fact_find(store, &fact, &found);
  if (error == ERR_NONE && !found)
    error = store_run(store, &fact.job);
  if (error == ERR_NONE && !fact.same)
    error = error_because(detail, ERR_KEY_FILE,
                          "%s is not the key file that this database was made with; copy keys/ from the node "
                          "that made it",
                          name);
  return error;
}

void store_stats(store_t *store, store_stats_t *ret_stats)
{
  writer_stats(store->writer, ret_stats);
  if (store_is_current(store))
    return;
  ret_stats->healthy = false;
  store_watch_failure(store->watch, &ret_stats->failure);
}
