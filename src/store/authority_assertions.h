/* Client assertions that were used: each counts once. Nothing leaves before its time, so that no flood makes
 * room for a replay; only who holds a client's key adds rows, and each for minutes. */
#ifndef SEKISHO_STORE_AUTHORITY_ASSERTIONS_H
#define SEKISHO_STORE_AUTHORITY_ASSERTIONS_H

#include "store/store.h"

typedef struct assertion_mark {
  uint8_t hash[32];   /* SHA-256 of the client's id, a zero byte, and the assertion's jti */
  int64_t expires_ms; /* when the assertion is refused for its age alone */
} assertion_mark_t;

/* *ret_fresh is false when it was put down before. */
MUST_USE error_code_t assertion_put(database_t *database, const assertion_mark_t *mark, bool *ret_fresh);
error_code_t assertion_sweep(database_t *database, int64_t now_ms, bool *ret_more);

#endif
