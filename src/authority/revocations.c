#include "authority/revocations.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64

typedef struct slot {
  grant_ref_t grant;
  int64_t until_ms; /* 0: free */
} slot_t;

/* Open addressing over random keys: their first bytes are hash enough. At most half full. */
struct revocations {
  pthread_rwlock_t lock;
  slot_t *slots;
  size_t capacity; /* a power of two */
  _Atomic size_t used;
  _Atomic uint64_t generation;
  _Atomic bool overflowed;
};

error_code_t revocations_new(revocations_t **ret_revocations)
{
  revocations_t *set = calloc(1, sizeof *set);
  if (set == NULL)
    return ERR_NO_MEMORY;
  set->capacity = SLOTS_FIRST;
  set->slots = calloc(set->capacity, sizeof *set->slots);
  if (set->slots == NULL) {
    free(set);
    return ERR_NO_MEMORY;
  }
  pthread_rwlock_init(&set->lock, NULL);
  *ret_revocations = set;
  return ERR_NONE;
}

void revocations_free(revocations_t *revocations)
{
  if (revocations == NULL)
    return;
  pthread_rwlock_destroy(&revocations->lock);
  free(revocations->slots);
  free(revocations);
}

/* The slot of the grant, or the free one where it would be. */
static slot_t *slot_find(slot_t *slots, size_t capacity, grant_ref_t grant)
{
  uint64_t hash;
  memcpy(&hash, grant.bytes, sizeof hash);
  size_t at = (size_t)hash & (capacity - 1);
  while (slots[at].until_ms != 0 && memcmp(slots[at].grant.bytes, grant.bytes, sizeof grant.bytes) != 0)
    at = (at + 1) & (capacity - 1);
  return &slots[at];
}

/* Moves what lives beyond now_ms into a table of that capacity; under the write lock. */
static bool rebuild(revocations_t *set, size_t capacity, int64_t now_ms)
{
  slot_t *slots = calloc(capacity, sizeof *slots);
  if (slots == NULL)
    return false;
  size_t used = 0;
  for (size_t i = 0; i < set->capacity; i++) {
    if (set->slots[i].until_ms > now_ms) {
      *slot_find(slots, capacity, set->slots[i].grant) = set->slots[i];
      used++;
    }
  }
  free(set->slots);
  set->slots = slots;
  set->capacity = capacity;
  atomic_store(&set->used, used);
  return true;
}

void revocations_add(revocations_t *revocations, grant_ref_t grant, int64_t until_ms)
{
  if (until_ms <= 0)
    return;
  pthread_rwlock_wrlock(&revocations->lock);
  bool room = (atomic_load(&revocations->used) + 1) * 2 <= revocations->capacity ||
              rebuild(revocations, revocations->capacity * 2, 0);
  if (room) {
    slot_t *slot = slot_find(revocations->slots, revocations->capacity, grant);
    if (slot->until_ms == 0)
      atomic_fetch_add(&revocations->used, 1);
    if (slot->until_ms < until_ms)
      *slot = (slot_t){grant, until_ms};
  } else {
    atomic_store(&revocations->overflowed, true);
  }
  atomic_fetch_add(&revocations->generation, 1);
  pthread_rwlock_unlock(&revocations->lock);
}

bool revocations_contain(revocations_t *revocations, grant_ref_t grant)
{
  if (atomic_load(&revocations->overflowed))
    return true;
  if (atomic_load(&revocations->used) == 0)
    return false;
  pthread_rwlock_rdlock(&revocations->lock);
  bool found = slot_find(revocations->slots, revocations->capacity, grant)->until_ms != 0;
  pthread_rwlock_unlock(&revocations->lock);
  return found;
}

uint64_t revocations_generation(const revocations_t *revocations)
{
  return atomic_load(&revocations->generation);
}

void revocations_prune(revocations_t *revocations, int64_t now_ms)
{
  if (atomic_load(&revocations->used) == 0)
    return;
  pthread_rwlock_wrlock(&revocations->lock);
  size_t dead = 0;
  for (size_t i = 0; i < revocations->capacity; i++)
    dead += revocations->slots[i].until_ms != 0 && revocations->slots[i].until_ms <= now_ms;
  if (dead > 0) { /* short of memory: they stay until the next time */
    bool rebuilt = rebuild(revocations, revocations->capacity, now_ms);
    (void)rebuilt;
  }
  pthread_rwlock_unlock(&revocations->lock);
}
