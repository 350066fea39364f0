/* A domain's signing keys: previous, current and next, all published, only the current one signs.
 *
 * `next` is in the key set from the moment it exists, so no token ever carries a key id that was not
 * published before. A retired key stays published until the last token that it signed is dead. Private keys
 * are sealed under the domain's key file, bound to their key id. */
#ifndef SEKISHO_AUTHORITY_SIGNING_KEYS_H
#define SEKISHO_AUTHORITY_SIGNING_KEYS_H

#include "authority/retire.h"
#include "base/secret.h"
#include "crypto/signing_key.h"
#include "store/authority_keys.h"
#include "store/store.h"

#define KEY_SET_MAX 8
#define KEY_ROTATION_AGE_MS (30 * 24 * 3600 * (int64_t)1000)

/* What one handler call works with; immutable. Never kept across a wait (retire.h). */
typedef struct key_set {
  const signing_key_t *current;
  const signing_key_t *published[KEY_SET_MAX];
  key_row_t rows[KEY_SET_MAX]; /* beside published; their sealed parts are left out */
  size_t count;
  bytes_t jwks; /* the document of /jwks */
  uint8_t *jwks_memory;
  char etag[48]; /* with its quotes */
} key_set_t;

typedef struct signing_keys signing_keys_t;

/* Loads the domain's keys, makes those that are missing, and replaces a set of another algorithm.
 * ERR_KEY_FILE when the key file does not open what is stored. */
MUST_USE error_code_t signing_keys_open(store_t *store, const secret_key_t *domain_key,
                                        signature_algorithm_t algorithm, retire_t *retire,
                                        signing_keys_t **ret_keys, error_detail_t *detail);
void signing_keys_free(signing_keys_t *keys);

const key_set_t *signing_keys_now(const signing_keys_t *keys);
/* NULL when no published key has that id. */
const signing_key_t *key_set_find(const key_set_t *set, bytes_t key_id);

/* A rotation in three steps, so that a handler can wait for the middle one. Current becomes previous, next
 * becomes current, a new next is made. */
typedef struct key_rotation {
  store_job_t job; /* submit it; the owner sets done */
  signing_keys_t *keys;
  arena_t *arena;
  signing_key_t *fresh;
  key_row_t row;
  char current[KEY_ID_MAX];       /* the key that it replaces */
  const char *actor, *request_id; /* for the audit log; set after begin when it is not the schedule */
  int64_t now_ms;
  int64_t previous_until_ms;
} key_rotation_t;
/* ERR_CONFLICT while another rotation is under way. token_lifetime_ms is the longest life of any token that
 * the current key has signed. */
MUST_USE error_code_t key_rotation_begin(key_rotation_t *rotation, signing_keys_t *keys, arena_t *arena,
                                         signature_algorithm_t algorithm, int64_t now_ms,
                                         int64_t token_lifetime_ms);
/* After done, whatever the outcome was: publishes the new set, or forgets it. Returns the job's outcome. */
MUST_USE error_code_t key_rotation_end(key_rotation_t *rotation);

/* Reads the keys as another node has left them. ERR_CONFLICT while a change of this node's own is under way.
 */
MUST_USE error_code_t signing_keys_read_again(signing_keys_t *keys);

/* From the main loop, which may wait: rotates when the current key is old enough, drops dead ones. */
MUST_USE error_code_t signing_keys_maintain(signing_keys_t *keys, signature_algorithm_t algorithm,
                                            int64_t now_ms, int64_t token_lifetime_ms, bool *ret_rotated);

#endif
