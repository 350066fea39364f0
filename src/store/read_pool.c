/* Reading connections: a stack, so that the warmest caches are used first. */
#include "store/read_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "store/deadline.h"

struct read_pool {
  char *path;
  pthread_mutex_t mutex;
  pthread_cond_t given_back;
  database_t *idle[READ_POOL_SIZE];
  size_t idle_count;
  size_t open_count;
};

read_pool_t *read_pool_new(const char *path)
{
  read_pool_t *pool = calloc(1, sizeof(*pool));
  if (pool == NULL)
    return NULL;
  pool->path = strdup(path);
  if (pool->path == NULL) {
    free(pool);
    return NULL;
  }
  (void)pthread_mutex_init(&pool->mutex, NULL);
  deadline_condition_init(&pool->given_back);
  return pool;
}

void read_pool_free(read_pool_t *pool)
{
  for (size_t i = 0; i < pool->idle_count; i++)
    connection_close(pool->idle[i]);
  (void)pthread_cond_destroy(&pool->given_back);
  (void)pthread_mutex_destroy(&pool->mutex);
  free(pool->path);
  free(pool);
}

/* A connection that is free, or the right to open one (*ret_open), or NULL after the wait. */
static database_t *take_or_reserve(read_pool_t *pool, bool *ret_open)
{
  database_t *database = NULL;
  int64_t deadline_ms = deadline_after(READ_POOL_WAIT_MS);
  *ret_open = false;
  (void)pthread_mutex_lock(&pool->mutex);
  bool waiting = true;
  while (pool->idle_count == 0 && pool->open_count == READ_POOL_SIZE && waiting)
    waiting = deadline_wait(&pool->given_back, &pool->mutex, deadline_ms);
  if (pool->idle_count > 0) {
    database = pool->idle[--pool->idle_count];
  } else if (pool->open_count < READ_POOL_SIZE) {
    pool->open_count++;
    *ret_open = true;
  }
  (void)pthread_mutex_unlock(&pool->mutex);
  return database;
}

static void give_up_reservation(read_pool_t *pool)
{
  (void)pthread_mutex_lock(&pool->mutex);
  pool->open_count--;
  (void)pthread_cond_signal(&pool->given_back);
  (void)pthread_mutex_unlock(&pool->mutex);
}

database_t *read_pool_take(read_pool_t *pool)
{
  bool open = false;
  database_t *database = take_or_reserve(pool, &open);
  if (open && connection_open(pool->path, CONNECTION_READS, &database, NULL) != ERR_NONE) {
    give_up_reservation(pool);
    return NULL;
  }
  return database;
}

void read_pool_give(read_pool_t *pool, database_t *database)
{
  (void)pthread_mutex_lock(&pool->mutex);
  pool->idle[pool->idle_count++] = database;
  (void)pthread_cond_signal(&pool->given_back);
  (void)pthread_mutex_unlock(&pool->mutex);
}
