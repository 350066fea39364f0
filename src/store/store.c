/* A store: lock, writer and reading connections put together. */
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/connection.h"
#include "store/migrate.h"
#include "store/read_pool.h"
#include "store/store_file.h"
#include "store/writer.h"

struct store {
  int lock; /* descriptor that holds the process lock */
  writer_t *writer;
  read_pool_t *pool;
};

static error_code_t open_writer(const char *path, const migration_t *migrations, size_t count,
                                writer_t **ret_writer, error_detail_t *detail)
{
  database_t *database = NULL;
  error_code_t error = connection_open(path, CONNECTION_WRITES, &database, detail);
  if (error != ERR_NONE)
    return error;
  error_detail_t cause = {""};
  error = migrate_run(database, migrations, count, &cause);
  if (error != ERR_NONE) {
    connection_close(database);
    return error_because(detail, error, "%s: %s", path, cause.text);
  }
  error = writer_start(database, ret_writer);
  if (error != ERR_NONE)
    return error_because(detail, error, "%s: cannot start the writing thread", path);
  return ERR_NONE;
}

error_code_t store_open(const char *path, const migration_t *migrations, size_t count, store_t **ret_store,
                        error_detail_t *detail)
{
  store_t *store = calloc(1, sizeof(*store));
  if (store == NULL)
    return error_because(detail, ERR_NO_MEMORY, "no memory for a store");
  store->lock = -1;
  error_code_t error = store_file_prepare(path, &store->lock, detail);
  if (error == ERR_NONE)
    error = open_writer(path, migrations, count, &store->writer, detail);
  if (error == ERR_NONE) {
    store->pool = read_pool_new(path);
    if (store->pool == NULL)
      error = error_because(detail, ERR_NO_MEMORY, "no memory for reading connections");
  }
  if (error != ERR_NONE) {
    store_close(store);
    return error;
  }
  *ret_store = store;
  return ERR_NONE;
}

void store_close(store_t *store)
{
  if (store == NULL)
    return;
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
  store_read_t read = {store, read_pool_take(store->pool)};
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
  return stats.healthy;
}

void store_stats(store_t *store, store_stats_t *ret_stats)
{
  writer_stats(store->writer, ret_stats);
}
