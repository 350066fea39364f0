#include "authority/retire.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

typedef struct retired {
  struct retired *next;
  void *object;
  void (*release)(void *object);
  int64_t since_ms;
} retired_t;

struct retire {
  pthread_mutex_t lock;
  retired_t *first;
};

error_code_t retire_new(retire_t **ret_retire)
{
  retire_t *retire = calloc(1, sizeof *retire);
  if (retire == NULL)
    return ERR_NO_MEMORY;
  pthread_mutex_init(&retire->lock, NULL);
  *ret_retire = retire;
  return ERR_NONE;
}

void retire_later(retire_t *retire, void *object, void (*release)(void *object))
{
  if (object == NULL)
    return;
  retired_t *entry = malloc(sizeof *entry);
  if (entry == NULL)
    return;
  pthread_mutex_lock(&retire->lock);
  *entry = (retired_t){retire->first, object, release, clock_monotonic_ms()};
  retire->first = entry;
  pthread_mutex_unlock(&retire->lock);
}

/* Takes out of the list what was retired before limit_ms and frees it. */
static void release_older(retire_t *retire, int64_t limit_ms)
{
  retired_t *old = NULL;
  pthread_mutex_lock(&retire->lock);
  for (retired_t **at = &retire->first; *at != NULL;) {
    retired_t *entry = *at;
    if (entry->since_ms > limit_ms) {
      at = &entry->next;
      continue;
    }
    *at = entry->next;
    entry->next = old;
    old = entry;
  }
  pthread_mutex_unlock(&retire->lock);
  while (old != NULL) {
    retired_t *entry = old;
    old = entry->next;
    entry->release(entry->object);
    free(entry);
  }
}

void retire_collect(retire_t *retire)
{
  release_older(retire, clock_monotonic_ms() - RETIRE_GRACE_MS);
}

void retire_free(retire_t *retire)
{
  if (retire == NULL)
    return;
  release_older(retire, INT64_MAX);
  pthread_mutex_destroy(&retire->lock);
  free(retire);
}
