#include "rp/rate_limit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

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
  rate_limit_rules_t rules;
  bucket_t buckets[BUCKETS];
};

error_code_t rate_limit_new(rate_limit_rules_t rules, rate_limit_t **ret_limit)
{
  rate_limit_t *limit = calloc(1, sizeof(*limit));
  if (limit == NULL)
    return ERR_NO_MEMORY;
  pthread_mutex_init(&limit->lock, NULL);
  random_fill(&limit->key, sizeof(limit->key));
  limit->rules = rules;
  *ret_limit = limit;
  return ERR_NONE;
}

void rate_limit_free(rate_limit_t *limit)
{
  if (limit != NULL)
    pthread_mutex_destroy(&limit->lock);
  free(limit);
}

void rate_limit_set(rate_limit_t *limit, rate_limit_rules_t rules)
{
  pthread_mutex_lock(&limit->lock);
  limit->rules = rules;
  pthread_mutex_unlock(&limit->lock);
}

static uint64_t mixed(uint64_t value)
{
  value ^= value >> 30;
  value *= 0xbf58476d1ce4e5b9U;
  value ^= value >> 27;
  value *= 0x94d049bb133111ebU;
  return value ^ value >> 31;
}

/* What counts as one: an IPv4 address, or the /64 of an IPv6 one. */
typedef struct source {
  uint64_t word;
  bool loopback;
} source_t;

static source_t source_of(bytes_t address)
{
  char text[INET6_ADDRSTRLEN] = "";
  uint8_t binary[16] = {0};
  source_t source = {0};
  if (address.len < sizeof(text))
    memcpy(text, address.data, address.len);
  if (inet_pton(AF_INET6, text, binary) == 1) {
    memcpy(&source.word, binary, 8);
    source.loopback = memcmp(binary, &in6addr_loopback, sizeof(binary)) == 0;
  } else if (inet_pton(AF_INET, text, binary) == 1) {
    memcpy(&source.word, binary, 4);
    source.loopback = binary[0] == 127;
  }
  return source;
}

static bool bucket_take(bucket_t *bucket, rate_limit_rules_t rules, int64_t now_ms)
{
  double earned = (double)(now_ms - bucket->time_ms) * rules.per_minute / 60000.0;
  double tokens = bucket->time_ms == 0 ? rules.burst : bucket->tokens + earned;
  bucket->tokens = tokens < rules.burst ? tokens : rules.burst;
  bucket->time_ms = now_ms;
  if (bucket->tokens < 1)
    return false;
  bucket->tokens -= 1;
  return true;
}

bool rate_limit_take(rate_limit_t *limit, bytes_t address, int64_t now_monotonic_ms)
{
  if (address.len == 0)
    return true;
  source_t source = source_of(address);
  uint64_t place = mixed(mixed(source.word + limit->key) ^ limit->key) % BUCKETS;
  pthread_mutex_lock(&limit->lock);
  bool free_of_limit = source.loopback && !limit->rules.loopback;
  bool taken = free_of_limit || bucket_take(&limit->buckets[place], limit->rules, now_monotonic_ms);
  pthread_mutex_unlock(&limit->lock);
  return taken;
}
