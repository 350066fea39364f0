#include "authority/remote_keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define FETCH_TIMEOUT_S 10
#define FETCH_ANSWER_MAX ((size_t)128 * 1024)
#define ADDRESSES_MAX 2048
/* Not more often than this, whoever asks and however it ends. */
#define RETRY_MS SECONDS_MS(10)
/* What the answer's Cache-Control says of freshness counts within these. */
#define FRESH_LEAST_MS SECONDS_MS(60)
#define FRESH_MOST_MS SECONDS_MS(86400)
#define FRESH_DEFAULT_MS SECONDS_MS(3600)
/* For so long a set is used though no newer one can be had: a key withdrawn there must not be good here for
 * ever. */
#define USABLE_MS SECONDS_MS(86400)

/* A set with its memory. */
typedef struct held_set {
  arena_t *arena;
  jwk_set_t set;
} held_set_t;

typedef struct waiter {
  struct waiter *next;
  http_request_t *request;
} waiter_t;

typedef struct address {
  call_t call; /* first: done is given it */
  remote_keys_t *owner;
  struct address *next;
  char *url, *rsa_algorithm;
  held_set_t *held; /* NULL: none yet */
  int64_t fetched_ms, fresh_until_ms, tried_ms;
  bool tried, fetching;
  waiter_t *waiters; /* in their requests' arenas */
} address_t;

struct remote_keys {
  pthread_mutex_t lock;
  caller_t *caller;
  retire_t *retire;
  char *domain;
  address_t *first;
  size_t count;
};

static void held_release(void *object)
{
  held_set_t *held = object;
  if (held == NULL)
    return;
  jwk_set_done(&held->set);
  arena_free(held->arena);
  free(held);
}

static void address_free(address_t *address)
{
  held_release(address->held);
  free(address->url);
  free(address->rsa_algorithm);
  free(address);
}

/* --- addresses, under the lock --- */

static bool is_address(const address_t *address, const remote_address_t *wanted)
{
  const char *algorithm = wanted->rsa_algorithm != NULL ? wanted->rsa_algorithm : "RS256";
  return strcmp(address->url, wanted->url) == 0 && strcmp(address->rsa_algorithm, algorithm) == 0;
}

static void fetched(call_t *call);

/* NULL when out of memory or places. */
static address_t *find(remote_keys_t *keys, const remote_address_t *wanted)
{
  for (address_t *address = keys->first; address != NULL; address = address->next)
    if (is_address(address, wanted))
      return address;
  address_t *address = keys->count < ADDRESSES_MAX ? calloc(1, sizeof *address) : NULL;
  if (address == NULL)
    return NULL;
  address->url = strdup(wanted->url);
  address->rsa_algorithm = strdup(wanted->rsa_algorithm != NULL ? wanted->rsa_algorithm : "RS256");
  if (address->url == NULL || address->rsa_algorithm == NULL) {
    address_free(address);
    return NULL;
  }
  address->owner = keys;
  address->call = (call_t){
      .address = address->url, .answer_max = FETCH_ANSWER_MAX, .timeout_s = FETCH_TIMEOUT_S, .done = fetched};
  address->next = keys->first;
  keys->first = address;
  keys->count++;
  return address;
}

/* A clock that was set back makes nothing usable for longer. */
static bool is_usable(const address_t *address, int64_t now_ms)
{
  return address->held != NULL && now_ms < address->fetched_ms + USABLE_MS &&
         now_ms > address->fetched_ms - USABLE_MS;
}

static bool may_try(const address_t *address, int64_t now_ms)
{
  return !address->fetching &&
         (!address->tried || now_ms >= address->tried_ms + RETRY_MS || now_ms < address->tried_ms - RETRY_MS);
}

/* False when no fetch may be started now. The call itself is submitted by the caller, outside the lock. */
static bool mark_fetching(address_t *address, int64_t now_ms)
{
  if (address->owner->caller == NULL || !may_try(address, now_ms))
    return false;
  address->tried = address->fetching = true;
  address->tried_ms = now_ms;
  return true;
}

/* --- a fetch comes to its end --- */

static held_set_t *parse(const address_t *address, bytes_t answer)
{
  held_set_t *held = calloc(1, sizeof *held);
  arena_t *arena = held != NULL ? arena_new(4096, FETCH_ANSWER_MAX) : NULL;
  if (arena == NULL || jwk_set_parse(arena, answer, address->rsa_algorithm, &held->set) != ERR_NONE) {
    arena_free(arena);
    free(held);
    return NULL;
  }
  held->arena = arena;
  return held;
}

static int64_t freshness(int64_t max_age_ms)
{
  if (max_age_ms < 0)
    return FRESH_DEFAULT_MS;
  return max_age_ms < FRESH_LEAST_MS  ? FRESH_LEAST_MS
         : max_age_ms > FRESH_MOST_MS ? FRESH_MOST_MS
                                      : max_age_ms;
}

static void log_outcome(const address_t *address, const held_set_t *held)
{
  const call_t *call = &address->call;
  const char *domain = address->owner->domain;
  if (held != NULL)
    log_event(LOG_INFO, "keys.fetched", LOG_TEXT("domain", domain), LOG_TEXT("address", address->url),
              LOG_NUMBER("keys", held->set.count));
  else
    log_event(LOG_WARNING, "keys.fetch_failed", LOG_TEXT("domain", domain), LOG_TEXT("address", address->url),
              LOG_NUMBER("status", call->status),
              LOG_TEXT("reason", call->status == 0     ? call->reason
                                 : call->status != 200 ? "the answer is not 200; redirects are not followed"
                                                       : "the answer is no key set that can be used"));
}

static void fetched(call_t *call)
{
  address_t *address = (address_t *)call;
  remote_keys_t *keys = address->owner;
  int64_t now_ms = clock_now_ms();
  held_set_t *held = call->status == 200 ? parse(address, call->answer) : NULL;
  held_set_t *old = NULL;
  log_outcome(address, held);
  pthread_mutex_lock(&keys->lock);
  if (held != NULL) {
    old = address->held;
    address->held = held;
    address->fetched_ms = now_ms;
    address->fresh_until_ms = now_ms + freshness(call->max_age_ms);
  }
  waiter_t *waiters = address->waiters;
  address->waiters = NULL;
  address->fetching = false;
  pthread_mutex_unlock(&keys->lock);
  retire_later(keys->retire, old, held_release);
  while (waiters != NULL) {
    waiter_t *waiter = waiters;
    waiters = waiter->next; /* before its arena is gone */
    http_request_wake(waiter->request);
  }
}

/* --- asking --- */

/* A key without an id may be any. */
static bool may_have(const jwk_set_t *set, bytes_t key_id)
{
  return key_id.len == 0 || jwk_set_has(set, key_id) || jwk_set_has(set, BYTES_NONE);
}

bool remote_keys_are_ready(remote_keys_t *keys, const remote_address_t *wanted, bytes_t key_id,
                           int64_t now_ms)
{
  bool ready = true, fetch = false;
  pthread_mutex_lock(&keys->lock);
  address_t *address = find(keys, wanted);
  if (address != NULL) {
    bool known = is_usable(address, now_ms) && may_have(&address->held->set, key_id);
    if (!known || now_ms >= address->fresh_until_ms)
      fetch = mark_fetching(address, now_ms);
    ready = known || !address->fetching;
  }
  pthread_mutex_unlock(&keys->lock);
  if (fetch)
    caller_submit(keys->caller, &address->call);
  return ready;
}

void remote_keys_wait(remote_keys_t *keys, const remote_address_t *wanted, http_request_t *request,
                      http_handler_t *then, void *state)
{
  waiter_t *waiter = arena_alloc(http_request_arena(request), sizeof *waiter);
  http_request_wait(request, then, state);
  pthread_mutex_lock(&keys->lock);
  address_t *address = waiter != NULL ? find(keys, wanted) : NULL;
  bool waits = address != NULL && address->fetching;
  if (waits) {
    *waiter = (waiter_t){address->waiters, request};
    address->waiters = waiter;
  }
  pthread_mutex_unlock(&keys->lock);
  if (!waits)
    http_request_wake(request);
}

const jwk_set_t *remote_keys_now(remote_keys_t *keys, const remote_address_t *wanted, int64_t now_ms)
{
  pthread_mutex_lock(&keys->lock);
  const address_t *address = find(keys, wanted);
  const jwk_set_t *set = address != NULL && is_usable(address, now_ms) ? &address->held->set : NULL;
  pthread_mutex_unlock(&keys->lock);
  return set;
}

/* --- the whole --- */

error_code_t remote_keys_new(caller_t *caller, retire_t *retire, const char *domain, remote_keys_t **ret_keys)
{
  remote_keys_t *keys = calloc(1, sizeof *keys);
  if (keys == NULL || (keys->domain = strdup(domain)) == NULL || pthread_mutex_init(&keys->lock, NULL) != 0) {
    if (keys != NULL)
      free(keys->domain);
    free(keys);
    return ERR_NO_MEMORY;
  }
  keys->caller = caller;
  keys->retire = retire;
  *ret_keys = keys;
  return ERR_NONE;
}

void remote_keys_free(remote_keys_t *keys)
{
  if (keys == NULL)
    return;
  for (address_t *address = keys->first; address != NULL;) {
    address_t *next = address->next;
    address_free(address);
    address = next;
  }
  pthread_mutex_destroy(&keys->lock);
  free(keys->domain);
  free(keys);
}
