/* A domain's signing keys at rest: private parts sealed by the caller. */
#ifndef SEKISHO_STORE_AUTHORITY_KEYS_H
#define SEKISHO_STORE_AUTHORITY_KEYS_H

#include "store/store.h"

typedef enum key_state { KEY_NEXT, KEY_CURRENT, KEY_PREVIOUS } key_state_t;

#define KEY_ID_MAX 64
#define SIGNING_KEYS_TOPIC "signing_keys" /* announced when the rows change */

typedef struct key_row {
  char id[KEY_ID_MAX]; /* kid */
  int algorithm;       /* COSE number */
  key_state_t state;
  int64_t created_ms;
  int64_t activated_ms; /* 0: not yet */
  int64_t expires_ms;   /* of a previous key: when its last token is dead; 0 otherwise */
  bytes_t sealed;
} key_row_t;

const char *key_state_name(key_state_t state);

/* All rows, newest first, at most max; sealed parts in the arena. */
MUST_USE error_code_t key_list(database_t *database, arena_t *arena, key_row_t *rows, size_t max,
                               size_t *ret_count);
MUST_USE error_code_t key_add(database_t *database, const key_row_t *row);
/* Current becomes previous until previous_until_ms, next becomes current, fresh becomes next. ERR_CONFLICT
 * when current is not the current key any more: another node has rotated. */
MUST_USE error_code_t key_rotate(database_t *database, const char *current, const key_row_t *fresh,
                                 int64_t now_ms, int64_t previous_until_ms);
/* Removes previous keys that ended before now. */
MUST_USE error_code_t key_drop_dead(database_t *database, int64_t now_ms);

#endif
