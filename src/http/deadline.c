#include "http/deadline.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"

/* With most connections taken, idle ones give way sooner. */
#define CROWDED_IDLE_MS 1000

struct http_deadlines {
  http_limits_t limits;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  http_connection_t *first;
  unsigned count;
  bool draining, stopping;
};

static int64_t smaller(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* Late by an eighth of the shortest limit at most. */
static int64_t period_ms(const http_limits_t *limits)
{
  int64_t shortest =
      smaller(limits->header_deadline_ms, smaller(limits->request_deadline_ms, limits->idle_ms));
  int64_t period = shortest / 8;
  return period < 10 ? 10 : smaller(period, 500);
}

static void wait_for(http_deadlines_t *deadlines, int64_t duration_ms)
{
  int64_t until_ms = clock_monotonic_ms() + duration_ms;
  struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
  (void)pthread_cond_clockwait(&deadlines->changed, &deadlines->lock, CLOCK_MONOTONIC, &until);
}

static bool is_set(atomic_bool *flag)
{
  return atomic_load_explicit(flag, memory_order_relaxed);
}

static bool is_late(const http_deadlines_t *deadlines, http_connection_t *connection, int64_t now_ms)
{
  int64_t deadline_ms = atomic_load_explicit(&connection->deadline_ms, memory_order_relaxed);
  if (is_set(&connection->idle) && !is_set(&connection->fresh)) {
    if (deadlines->draining)
      return true;
    if (deadlines->count > deadlines->limits.connections / 4 * 3)
      deadline_ms = smaller(deadline_ms, deadline_ms - deadlines->limits.idle_ms + CROWDED_IDLE_MS);
  }
  return now_ms >= deadline_ms;
}

static void *watch(void *context)
{
  http_deadlines_t *deadlines = context;
  int64_t pause_ms = period_ms(&deadlines->limits);
  pthread_mutex_lock(&deadlines->lock);
  while (!deadlines->stopping) {
    if (deadlines->first == NULL) {
      pthread_cond_wait(&deadlines->changed, &deadlines->lock);
      continue;
    }
    int64_t now_ms = clock_monotonic_ms();
    for (http_connection_t *each = deadlines->first; each != NULL; each = each->next)
      if (is_late(deadlines, each, now_ms))
        (void)shutdown(each->fd, SHUT_RDWR);
    wait_for(deadlines, deadlines->draining ? 10 : pause_ms);
  }
  pthread_mutex_unlock(&deadlines->lock);
  return NULL;
}

http_deadlines_t *http_deadlines_new(const http_limits_t *limits)
{
  http_deadlines_t *deadlines = calloc(1, sizeof(*deadlines));
  if (deadlines == NULL)
    return NULL;
  deadlines->limits = *limits;
  pthread_mutex_init(&deadlines->lock, NULL);
  pthread_cond_init(&deadlines->changed, NULL);
  if (pthread_create(&deadlines->thread, NULL, watch, deadlines) != 0) {
    free(deadlines);
    return NULL;
  }
  return deadlines;
}

void http_deadlines_free(http_deadlines_t *deadlines)
{
  if (deadlines == NULL)
    return;
  pthread_mutex_lock(&deadlines->lock);
  deadlines->stopping = true;
  pthread_cond_broadcast(&deadlines->changed);
  pthread_mutex_unlock(&deadlines->lock);
  pthread_join(deadlines->thread, NULL);
  pthread_cond_destroy(&deadlines->changed);
  pthread_mutex_destroy(&deadlines->lock);
  free(deadlines);
}

static void set_deadline(http_connection_t *connection, int64_t from_now_ms)
{
  atomic_store_explicit(&connection->deadline_ms, clock_monotonic_ms() + from_now_ms, memory_order_relaxed);
}

http_connection_t *http_deadlines_open(http_deadlines_t *deadlines, int fd)
{
  http_connection_t *connection = calloc(1, sizeof(*connection));
  if (connection == NULL)
    return NULL;
  connection->fd = fd;
  atomic_init(&connection->fresh, true);
  atomic_init(&connection->idle, true);
  set_deadline(connection, deadlines->limits.header_deadline_ms);
  pthread_mutex_lock(&deadlines->lock);
  connection->next = deadlines->first;
  if (deadlines->first != NULL)
    deadlines->first->previous = connection;
  else
    pthread_cond_broadcast(&deadlines->changed);
  deadlines->first = connection;
  deadlines->count++;
  pthread_mutex_unlock(&deadlines->lock);
  return connection;
}

void http_deadlines_close(http_deadlines_t *deadlines, http_connection_t *connection)
{
  pthread_mutex_lock(&deadlines->lock);
  if (connection->previous != NULL)
    connection->previous->next = connection->next;
  else
    deadlines->first = connection->next;
  if (connection->next != NULL)
    connection->next->previous = connection->previous;
  deadlines->count--;
  if (deadlines->draining)
    pthread_cond_broadcast(&deadlines->changed);
  pthread_mutex_unlock(&deadlines->lock);
  free(connection);
}

void http_deadlines_request(http_deadlines_t *deadlines, http_connection_t *connection)
{
  if (!is_set(&connection->fresh)) /* a fresh one's clock runs since accept */
    set_deadline(connection, deadlines->limits.header_deadline_ms);
  atomic_store_explicit(&connection->idle, false, memory_order_relaxed);
}

void http_deadlines_headers(http_deadlines_t *deadlines, http_connection_t *connection)
{
  set_deadline(connection, deadlines->limits.request_deadline_ms);
}

void http_deadlines_idle(http_deadlines_t *deadlines, http_connection_t *connection)
{
  set_deadline(connection, deadlines->limits.idle_ms);
  atomic_store_explicit(&connection->fresh, false, memory_order_relaxed);
  atomic_store_explicit(&connection->idle, true, memory_order_relaxed);
}

void http_deadlines_drain(http_deadlines_t *deadlines, int64_t grace_ms)
{
  int64_t end_ms = clock_monotonic_ms() + grace_ms;
  pthread_mutex_lock(&deadlines->lock);
  deadlines->draining = true;
  pthread_cond_broadcast(&deadlines->changed);
  while (deadlines->first != NULL && clock_monotonic_ms() < end_ms)
    wait_for(deadlines, smaller(end_ms - clock_monotonic_ms() + 1, 50));
  for (http_connection_t *each = deadlines->first; each != NULL; each = each->next)
    (void)shutdown(each->fd, SHUT_RDWR);
  pthread_mutex_unlock(&deadlines->lock);
}
