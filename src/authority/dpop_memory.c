#include "authority/dpop_memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

/* A proof is good in its minute and the next, and one without a nonce may be some seconds ahead. */
#define MINUTES 4
#define ROOM_MIN 64
#define ANYBODYS (DPOP_MEMORY_MAX / 2)
#define SHARE (DPOP_MEMORY_MAX / 2 / DPOP_MEMORY_PARTS)

/* A set of 64-bit names: open addressing, at most half full. 0 is an empty place. */
typedef struct part {
  uint64_t *names;
  size_t room, count;
} part_t;

typedef struct minute {
  int64_t window;
  size_t count;
  part_t parts[DPOP_MEMORY_PARTS];
} minute_t;

struct dpop_memory {
  pthread_mutex_t lock;
  secret_key_t key; /* so that nobody can choose a proof's place, nor make two of one name */
  minute_t minutes[MINUTES];
};

error_code_t dpop_memory_new(dpop_memory_t **ret_memory)
{
  dpop_memory_t *memory = calloc(1, sizeof *memory);
  if (memory == NULL)
    return ERR_NO_MEMORY;
  pthread_mutex_init(&memory->lock, NULL);
  random_fill(memory->key.bytes, sizeof memory->key.bytes);
  *ret_memory = memory;
  return ERR_NONE;
}

static void minute_clear(minute_t *minute, int64_t window)
{
  for (size_t i = 0; i < DPOP_MEMORY_PARTS; i++)
    free(minute->parts[i].names);
  memset(minute, 0, sizeof *minute);
  minute->window = window;
}

void dpop_memory_free(dpop_memory_t *memory)
{
  if (memory == NULL)
    return;
  for (size_t i = 0; i < MINUTES; i++)
    minute_clear(&memory->minutes[i], 0);
  pthread_mutex_destroy(&memory->lock);
  secret_key_wipe(&memory->key);
  free(memory);
}

static bool part_has(const part_t *part, uint64_t name)
{
  for (size_t at = name & (part->room - 1); part->room > 0 && part->names[at] != 0;
       at = (at + 1) & (part->room - 1))
    if (part->names[at] == name)
      return true;
  return false;
}

static void place(uint64_t *names, size_t room, uint64_t name)
{
  size_t at = name & (room - 1);
  while (names[at] != 0)
    at = (at + 1) & (room - 1);
  names[at] = name;
}

static bool part_grow(part_t *part)
{
  size_t room = part->room == 0 ? ROOM_MIN : part->room * 2;
  uint64_t *names = calloc(room, sizeof *names);
  if (names == NULL)
    return false;
  for (size_t i = 0; i < part->room; i++)
    if (part->names[i] != 0)
      place(names, room, part->names[i]);
  free(part->names);
  part->names = names;
  part->room = room;
  return true;
}

/* With the lock held. */
static error_code_t minute_add(minute_t *minute, part_t *part, uint64_t name)
{
  if (part_has(part, name))
    return ERR_DPOP_PROOF;
  if (minute->count >= ANYBODYS && part->count >= SHARE)
    return ERR_TOO_MANY;
  if ((part->count + 1) * 2 > part->room && !part_grow(part))
    return ERR_NO_MEMORY;
  place(part->names, part->room, name);
  part->count++;
  minute->count++;
  return ERR_NONE;
}

/* The place of a minute, emptied of one that is over. A minute that is over cannot come again: its proofs are
 * refused for their age, also by a clock that was set back, since what came after it stays. */
static minute_t *minute_of(dpop_memory_t *memory, int64_t window)
{
  minute_t *minute = &memory->minutes[(uint64_t)window % MINUTES];
  if (minute->window < window)
    minute_clear(minute, window);
  return minute->window == window ? minute : NULL;
}

static error_code_t keyed(const dpop_memory_t *memory, bytes_t bytes, sha256_t *ret_mac)
{
  return hash_hmac(&memory->key, &bytes, 1, ret_mac);
}

error_code_t dpop_memory_spend(dpop_memory_t *memory, const dpop_proof_t *proof)
{
  sha256_t of_key, of_proof;
  uint64_t name;
  error_code_t error = keyed(memory, bytes_of(proof->key.thumbprint, sizeof proof->key.thumbprint), &of_key);
  if (error == ERR_NONE)
    error = keyed(memory, bytes_of(proof->mark.hash, sizeof proof->mark.hash), &of_proof);
  if (error != ERR_NONE)
    return error;
  memcpy(&name, of_proof.bytes, sizeof name);
  name += name == 0;
  pthread_mutex_lock(&memory->lock);
  minute_t *minute = minute_of(memory, proof->window);
  error = minute != NULL ? minute_add(minute, &minute->parts[of_key.bytes[0]], name) : ERR_DPOP_PROOF;
  pthread_mutex_unlock(&memory->lock);
  return error;
}
