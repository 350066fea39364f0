#include "rp/rate_limit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"

/* Fixed memory whatever the number of addresses: those that fall into one bucket share it. The place is
 * keyed, so nobody can choose whom to share with. */
#define BUCKETS 16384u

typedef struct bucket {
  int64_t time_ms;
  double tokens;
} bucket_t;

struct rate_limit {
  pthread_mutex_t lock;
  uint64_t key;
  double burst, per_ms;
  bucket_t buckets[BUCKETS];
};

error_code_t rate_limit_new(unsigned burst, unsigned per_minute, rate_limit_t **ret_limit)
{
  rate_limit_t *limit = calloc(1, sizeof(*limit));
  if (limit == NULL)
    return ERR_NO_MEMORY;
  pthread_mutex_init(&limit->lock, NULL);
  random_fill(&limit->key, sizeof(limit->key));
  rate_limit_set(limit, burst, per_minute);
  *ret_limit = limit;
  return ERR_NONE;
}

void rate_limit_free(rate_limit_t *limit)
{
  if (limit != NULL)
    pthread_mutex_destroy(&limit->lock);
  free(limit);
}

void rate_limit_set(rate_limit_t *limit, unsigned burst, unsigned per_minute)
{
  pthread_mutex_lock(&limit->lock);
  limit->burst = burst;
  limit->per_ms = per_minute / 60000.0;
  pthread_mutex_unlock(&limit->lock);
}

static uint64_t mixed(uint64_t value)
{
  value ^= value >> 30;
  value *= 0xbf58476d1ce4e5b9u;
  value ^= value >> 27;
  value *= 0x94d049bb133111ebu;
  return value ^ value >> 31;
}

static uint64_t place_of(const rate_limit_t *limit, bytes_t address)
{
  char text[INET6_ADDRSTRLEN] = "";
  uint8_t binary[16] = {0};
  uint64_t word = 0;
  if (address.len < sizeof(text))
    memcpy(text, address.data, address.len);
  if (inet_pton(AF_INET6, text, binary) == 1)
    memcpy(&word, binary, 8);
  else if (inet_pton(AF_INET, text, binary) == 1)
    memcpy(&word, binary, 4);
  return mixed(mixed(word + limit->key) ^ limit->key) % BUCKETS;
}

bool rate_limit_take(rate_limit_t *limit, bytes_t address)
{
  if (address.len == 0)
    return true;
  int64_t now_ms = clock_monotonic_ms();
  bucket_t *bucket = &limit->buckets[place_of(limit, address)];
  pthread_mutex_lock(&limit->lock);
  bool taken = limit->burst <= 0;
  if (!taken) {
    double tokens = bucket->time_ms == 0
                        ? limit->burst
                        : bucket->tokens + (double)(now_ms - bucket->time_ms) * limit->per_ms;
    bucket->tokens = tokens < limit->burst ? tokens : limit->burst;
    bucket->time_ms = now_ms;
    taken = bucket->tokens >= 1;
    if (taken)
      bucket->tokens -= 1;
  }
  pthread_mutex_unlock(&limit->lock);
  return taken;
}
