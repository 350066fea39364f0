/* The writing thread: one batch after another, and its housekeeping between them. */
#include "store/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/batch.h"
#include "store/deadline.h"

#define QUEUE_LIMIT 4096
#define SWEEP_LIMIT 32
/* Pages of 4 KiB in the log before they are moved into the file. Moving costs two syncs. */
#define CHECKPOINT_PAGES 2000
/* When readers that overlap kept the log from starting over for so long, the writer waits for them. */
#define RESTART_PAGES (4 * CHECKPOINT_PAGES)
/* After so long without a commit the log is emptied. */
#define IDLE_MS 5000
/* How often an unhealthy store tries to write. */
#define PROBE_MS 1000

typedef struct sweep {
  store_job_t job; /* first: the job is the sweep */
  store_sweep_t *run;
  int64_t interval_ms;
  int64_t due_ms; /* monotonic */
  bool more;
} sweep_t;

struct writer {
  database_t *database; /* the thread's alone */
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  /* under the mutex */
  batch_t queue;
  bool closing;
  sweep_t sweeps[SWEEP_LIMIT];
  size_t sweep_count;
  store_stats_t stats;
  /* the thread's alone */
  store_job_t probe;
  int64_t probe_due_ms;
  int64_t last_commit_ms;
  int checkpoint_at; /* log pages at which the next checkpoint is tried */
};

static error_code_t sweep_apply(database_t *database, store_job_t *job)
{
  sweep_t *sweep = (sweep_t *)job;
  sweep->more = false;
  return sweep->run(database, clock_now_ms(), &sweep->more);
}

static void sweep_done(store_job_t *job)
{
  sweep_t *sweep = (sweep_t *)job;
  bool again = job->outcome == ERR_NONE && sweep->more;
  sweep->due_ms = deadline_after(again ? 0 : sweep->interval_ms);
}

/* Writes a row as it is: proves that the store takes changes again. */
static error_code_t probe_apply(database_t *database, store_job_t *job)
{
  return statement_run(database_statement(database, "UPDATE schema_migrations SET applied_ms = applied_ms"),
                       NULL);
}

static void probe_done(store_job_t *job)
{
}

static int64_t earlier(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* When the thread has something to do without being asked; mutex held. */
static int64_t next_due(const writer_t *writer)
{
  int64_t due_ms = deadline_after(SECONDS_MS(3600));
  for (size_t i = 0; i < writer->sweep_count; i++)
    due_ms = earlier(due_ms, writer->sweeps[i].due_ms);
  if (!writer->stats.healthy)
    due_ms = earlier(due_ms, writer->probe_due_ms);
  if (writer->stats.log_pages > 0)
    due_ms = earlier(due_ms, writer->last_commit_ms + IDLE_MS);
  return due_ms;
}

/* Adds what the clock asks for; mutex held. */
static void add_due(writer_t *writer, batch_t *batch)
{
  int64_t now_ms = clock_monotonic_ms();
  if (writer->closing)
    return;
  for (size_t i = 0; i < writer->sweep_count; i++)
    if (writer->sweeps[i].due_ms <= now_ms)
      batch_add(batch, &writer->sweeps[i].job);
  if (!writer->stats.healthy && writer->probe_due_ms <= now_ms) {
    writer->probe_due_ms = now_ms + PROBE_MS;
    batch_add(batch, &writer->probe);
  }
}

/* Waits for jobs or the clock. False when the store closes and all is done. */
static bool writer_take(writer_t *writer, batch_t *ret_batch)
{
  (void)pthread_mutex_lock(&writer->mutex);
  bool waiting = true;
  while (writer->queue.first == NULL && !writer->closing && waiting)
    waiting = deadline_wait(&writer->wake, &writer->mutex, next_due(writer));
  *ret_batch = writer->queue;
  writer->queue = (batch_t){NULL, NULL, 0};
  add_due(writer, ret_batch);
  bool going = ret_batch->first != NULL || !writer->closing;
  (void)pthread_mutex_unlock(&writer->mutex);
  return going;
}

static void note_result(writer_t *writer, const batch_t *batch, batch_result_t result)
{
  (void)pthread_mutex_lock(&writer->mutex);
  store_stats_t *stats = &writer->stats;
  stats->jobs += batch->count;
  stats->splits += result.split ? 1 : 0;
  stats->healthy = result.error == ERR_NONE;
  stats->log_pages = connection_log_pages(writer->database);
  if (result.error == ERR_NONE) {
    stats->commits++;
  } else {
    stats->failures++;
    (void)error_because(&stats->failure, ERR_STORE_FAILED, "%s", connection_failure(writer->database));
  }
  (void)pthread_mutex_unlock(&writer->mutex);
}

static void writer_run(writer_t *writer, batch_t *batch)
{
  batch_result_t result = batch_run(batch, writer->database);
  writer->last_commit_ms = clock_monotonic_ms();
  if (result.error != ERR_NONE)
    writer->probe_due_ms = writer->last_commit_ms + PROBE_MS;
  note_result(writer, batch, result);
  batch_answer(batch);
}

static void writer_checkpoint(writer_t *writer, checkpoint_t how)
{
  error_code_t error = connection_checkpoint(writer->database, how);
  (void)pthread_mutex_lock(&writer->mutex);
  writer->stats.checkpoints++;
  writer->stats.log_pages = connection_log_pages(writer->database);
  if (error != ERR_NONE)
    (void)error_because(&writer->stats.failure, error, "%s", connection_failure(writer->database));
  (void)pthread_mutex_unlock(&writer->mutex);
}

/* After the answers, so that only jobs still to come can wait for it. A checkpoint that a reader or a full
 * disk kept from finishing is tried again when the log has grown by as much. */
static void writer_keep_log(writer_t *writer)
{
  int pages = connection_log_pages(writer->database);
  if (pages < writer->checkpoint_at - CHECKPOINT_PAGES)
    writer->checkpoint_at = CHECKPOINT_PAGES; /* the log started over */
  if (pages >= writer->checkpoint_at) {
    writer_checkpoint(writer, pages >= RESTART_PAGES ? CHECKPOINT_RESTART : CHECKPOINT_PASSIVE);
    writer->checkpoint_at = pages + CHECKPOINT_PAGES;
  } else if (pages > 0 && clock_monotonic_ms() - writer->last_commit_ms >= IDLE_MS) {
    writer_checkpoint(writer, CHECKPOINT_EMPTY);
    writer->last_commit_ms = clock_monotonic_ms(); /* not at once again when a reader was in the way */
  }
}

static void *writer_main(void *argument)
{
  writer_t *writer = argument;
  batch_t batch = {NULL, NULL, 0};
  while (writer_take(writer, &batch)) {
    if (batch.first != NULL)
      writer_run(writer, &batch);
    writer_keep_log(writer);
  }
  writer_checkpoint(writer, CHECKPOINT_EMPTY);
  return NULL;
}

static void writer_free(writer_t *writer)
{
  connection_close(writer->database);
  (void)pthread_cond_destroy(&writer->wake);
  (void)pthread_mutex_destroy(&writer->mutex);
  free(writer);
}

error_code_t writer_start(database_t *database, writer_t **ret_writer)
{
  writer_t *writer = calloc(1, sizeof(*writer));
  if (writer == NULL) {
    connection_close(database);
    return ERR_NO_MEMORY;
  }
  writer->database = database;
  writer->stats.healthy = true;
  writer->stats.log_pages = connection_log_pages(database);
  writer->last_commit_ms = clock_monotonic_ms();
  writer->checkpoint_at = CHECKPOINT_PAGES;
  writer->probe = (store_job_t){.apply = probe_apply, .done = probe_done};
  (void)pthread_mutex_init(&writer->mutex, NULL);
  deadline_condition_init(&writer->wake);
  if (pthread_create(&writer->thread, NULL, writer_main, writer) != 0) {
    writer_free(writer);
    return ERR_NO_MEMORY;
  }
  *ret_writer = writer;
  return ERR_NONE;
}

void writer_stop(writer_t *writer)
{
  (void)pthread_mutex_lock(&writer->mutex);
  writer->closing = true;
  (void)pthread_cond_signal(&writer->wake);
  (void)pthread_mutex_unlock(&writer->mutex);
  (void)pthread_join(writer->thread, NULL);
  writer_free(writer);
}

void writer_submit(writer_t *writer, store_job_t *job)
{
  job->outcome = ERR_UNAVAILABLE;
  (void)pthread_mutex_lock(&writer->mutex);
  bool taken = !writer->closing && writer->queue.count < QUEUE_LIMIT;
  bool sleeping = writer->queue.first == NULL;
  if (taken)
    batch_add(&writer->queue, job);
  if (taken && sleeping)
    (void)pthread_cond_signal(&writer->wake);
  (void)pthread_mutex_unlock(&writer->mutex);
  if (!taken)
    job->done(job);
}

error_code_t writer_add_sweep(writer_t *writer, store_sweep_t *sweep, int64_t interval_ms)
{
  (void)pthread_mutex_lock(&writer->mutex);
  bool room = writer->sweep_count < SWEEP_LIMIT;
  if (room)
    writer->sweeps[writer->sweep_count++] = (sweep_t){.job = {.apply = sweep_apply, .done = sweep_done},
                                                      .run = sweep,
                                                      .interval_ms = interval_ms,
                                                      .due_ms = clock_monotonic_ms()};
  (void)pthread_cond_signal(&writer->wake);
  (void)pthread_mutex_unlock(&writer->mutex);
  return room ? ERR_NONE : ERR_TOO_MANY;
}

void writer_stats(writer_t *writer, store_stats_t *ret_stats)
{
  (void)pthread_mutex_lock(&writer->mutex);
  *ret_stats = writer->stats;
  ret_stats->queued = writer->queue.count;
  (void)pthread_mutex_unlock(&writer->mutex);
}
