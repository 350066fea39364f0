#include "store/store_watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/connection.h"
#include "store/deadline.h"

#define POLL_MS 200
#define TOPICS_MAX 8

typedef struct topic {
  const char *name;
  store_heard_t *heard;
  void *context;
  bool due; /* announced, and not read again yet */
} topic_t;

struct store_watch {
  database_t *database; /* the thread's alone */
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  /* under the mutex */
  bool stopping;
  topic_t topics[TOPICS_MAX];
  size_t count;
  error_detail_t failure; /* the last one's cause */
  /* the thread's alone */
  int64_t sequence;    /* of the last change that was heard of */
  uint64_t generation; /* of the connection */
  bool connected;
  _Atomic int64_t reached_ms; /* when the server answered last; monotonic, as the next */
  _Atomic int64_t heard_ms;   /* when the last question that was answered whole was asked; monotonic */
  atomic_bool leads;
};

/* --- what was announced --- */

static void mark_due(store_watch_t *watch, bytes_t name, bool all)
{
  (void)pthread_mutex_lock(&watch->mutex);
  for (size_t i = 0; i < watch->count; i++)
    if (all || bytes_equal_string(name, watch->topics[i].name))
      watch->topics[i].due = true;
  (void)pthread_mutex_unlock(&watch->mutex);
}

/* Sequences are given under the writers' lock, so none turns up behind a later one. */
static error_code_t read_changes(store_watch_t *watch)
{
  int64_t last = watch->sequence;
  statement_t *select = database_statement(
      watch->database, "SELECT topic, max(sequence) FROM store_changes WHERE sequence > ?1 GROUP BY topic");
  statement_bind_integer(select, 1, watch->sequence);
  for (;;) {
    bool found = false;
    error_code_t error = statement_step(select, &found);
    if (error != ERR_NONE)
      return error;
    if (!found)
      break;
    mark_due(watch, statement_text(select, 0), false);
    if (statement_integer(select, 1) > last)
      last = statement_integer(select, 1);
  }
  watch->sequence = last;
  return ERR_NONE;
}

/* The one that holds this lock does what only one node needs to do. It goes with the connection. */
static error_code_t read_lead(store_watch_t *watch)
{
  bool found = false;
  if (atomic_load(&watch->leads))
    return ERR_NONE;
  statement_t *select =
      database_statement(watch->database, "SELECT pg_try_advisory_lock(hashtext(current_schema()::text), 1)");
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  atomic_store(&watch->leads, statement_integer(select, 0) != 0);
  statement_reset(select);
  return ERR_NONE;
}

static error_code_t ask(store_watch_t *watch)
{
  error_code_t error = connection_begin(watch->database);
  if (error != ERR_NONE)
    return error;
  /* A new connection holds no lock; and of what was swept away meanwhile nobody tells. */
  if (connection_generation(watch->database) != watch->generation) {
    watch->generation = connection_generation(watch->database);
    atomic_store(&watch->leads, false);
    mark_due(watch, BYTES_NONE, true);
  }
  error = read_changes(watch);
  if (error == ERR_NONE)
    error = read_lead(watch);
  if (error == ERR_NONE)
    return connection_commit(watch->database);
  connection_rollback(watch->database);
  return error;
}

/* What cannot be read is read again the next time, and until then this node is not current. */
static error_code_t read_due(store_watch_t *watch)
{
  error_code_t worst = ERR_NONE;
  (void)pthread_mutex_lock(&watch->mutex);
  for (size_t i = 0; i < watch->count; i++) {
    topic_t topic = watch->topics[i];
    if (!topic.due)
      continue;
    watch->topics[i].due = false;
    (void)pthread_mutex_unlock(&watch->mutex);
    error_code_t error = topic.heard(topic.context);
    (void)pthread_mutex_lock(&watch->mutex);
    if (error != ERR_NONE) {
      watch->topics[i].due = true;
      worst = error;
    }
  }
  (void)pthread_mutex_unlock(&watch->mutex);
  return worst;
}

/* --- the thread --- */

static void note_outcome(store_watch_t *watch, error_code_t error, int64_t asked_ms)
{
  if (error == ERR_NONE) {
    atomic_store(&watch->heard_ms, asked_ms);
    return;
  }
  (void)pthread_mutex_lock(&watch->mutex);
  (void)error_because(&watch->failure, error, "%s", connection_failure(watch->database));
  (void)pthread_mutex_unlock(&watch->mutex);
}

static bool wait_a_little(store_watch_t *watch)
{
  int64_t until_ms = deadline_after(POLL_MS);
  (void)pthread_mutex_lock(&watch->mutex);
  bool waiting = true;
  while (!watch->stopping && waiting)
    waiting = deadline_wait(&watch->wake, &watch->mutex, until_ms);
  bool going = !watch->stopping;
  (void)pthread_mutex_unlock(&watch->mutex);
  return going;
}

static void *watch_main(void *argument)
{
  store_watch_t *watch = argument;
  while (wait_a_little(watch)) {
    int64_t asked_ms = clock_monotonic_ms();
    error_code_t error = ask(watch);
    if (error == ERR_NONE) {
      atomic_store(&watch->reached_ms, asked_ms);
      error = read_due(watch);
    } else {
      atomic_store(&watch->leads, false);
    }
    note_outcome(watch, error, asked_ms);
  }
  return NULL;
}

/* --- outside --- */

static error_code_t find_last(store_watch_t *watch)
{
  bool found = false;
  error_code_t error = connection_begin(watch->database);
  if (error != ERR_NONE)
    return error;
  statement_t *select =
      database_statement(watch->database, "SELECT coalesce(max(sequence), 0) FROM store_changes");
  error = statement_step(select, &found);
  if (error == ERR_NONE) {
    watch->sequence = statement_integer(select, 0);
    error = read_lead(watch);
  }
  if (error != ERR_NONE) {
    connection_rollback(watch->database);
    return error;
  }
  return connection_commit(watch->database);
}

static void watch_free(store_watch_t *watch)
{
  connection_close(watch->database);
  (void)pthread_cond_destroy(&watch->wake);
  (void)pthread_mutex_destroy(&watch->mutex);
  free(watch);
}

error_code_t store_watch_start(const char *address, store_watch_t **ret_watch, error_detail_t *detail)
{
  store_watch_t *watch = calloc(1, sizeof(*watch));
  if (watch == NULL)
    return error_because(detail, ERR_NO_MEMORY, "no memory for the watch");
  error_code_t error = connection_open(address, CONNECTION_WATCHES, &watch->database, detail);
  if (error != ERR_NONE) {
    free(watch);
    return error;
  }
  (void)pthread_mutex_init(&watch->mutex, NULL);
  deadline_condition_init(&watch->wake);
  watch->generation = connection_generation(watch->database);
  atomic_store(&watch->reached_ms, clock_monotonic_ms());
  atomic_store(&watch->heard_ms, clock_monotonic_ms());
  error = find_last(watch);
  if (error == ERR_NONE && pthread_create(&watch->thread, NULL, watch_main, watch) != 0)
    error = ERR_NO_MEMORY;
  if (error != ERR_NONE) {
    error = error_because(detail, error, "%s", connection_failure(watch->database));
    watch_free(watch);
    return error;
  }
  *ret_watch = watch;
  return ERR_NONE;
}

void store_watch_stop(store_watch_t *watch)
{
  (void)pthread_mutex_lock(&watch->mutex);
  watch->stopping = true;
  (void)pthread_cond_signal(&watch->wake);
  (void)pthread_mutex_unlock(&watch->mutex);
  (void)pthread_join(watch->thread, NULL);
  watch_free(watch);
}

/* Due at once: what the owner read before may have changed since. */
error_code_t store_watch_add(store_watch_t *watch, const char *topic, store_heard_t *heard, void *context)
{
  (void)pthread_mutex_lock(&watch->mutex);
  bool room = watch->count < TOPICS_MAX;
  if (room)
    watch->topics[watch->count++] = (topic_t){topic, heard, context, true};
  (void)pthread_mutex_unlock(&watch->mutex);
  return room ? ERR_NONE : ERR_TOO_MANY;
}

bool store_watch_is_current(const store_watch_t *watch)
{
  return clock_monotonic_ms() - atomic_load(&watch->heard_ms) <= STORE_STALE_MS;
}

bool store_watch_reaches(const store_watch_t *watch)
{
  return clock_monotonic_ms() - atomic_load(&watch->reached_ms) <= STORE_STALE_MS;
}

bool store_watch_leads(const store_watch_t *watch)
{
  return atomic_load(&watch->leads) && store_watch_is_current(watch);
}

void store_watch_failure(store_watch_t *watch, error_detail_t *ret_failure)
{
  (void)pthread_mutex_lock(&watch->mutex);
  *ret_failure = watch->failure;
  (void)pthread_mutex_unlock(&watch->mutex);
}
