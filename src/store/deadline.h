/* Waiting on a condition until a moment of the monotonic clock. */
#ifndef SEKISHO_STORE_DEADLINE_H
#define SEKISHO_STORE_DEADLINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/clock.h"

static inline void deadline_condition_init(pthread_cond_t *condition)
{
  pthread_condattr_t attributes;
  (void)pthread_condattr_init(&attributes);
  (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  (void)pthread_cond_init(condition, &attributes);
  (void)pthread_condattr_destroy(&attributes);
}

static inline int64_t deadline_after(int64_t wait_ms)
{
  return clock_monotonic_ms() + wait_ms;
}

/* False when the deadline has passed. */
static inline bool deadline_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline_ms)
{
  struct timespec until = {.tv_sec = (time_t)(deadline_ms / 1000),
                           .tv_nsec = (long)(deadline_ms % 1000) * 1000000};
  return pthread_cond_timedwait(condition, mutex, &until) == 0;
}

#endif
