/* Families of refresh tokens: what a grant goes on as when its code gave one. The newest generation is the
 * only one that counts. The tokens themselves are not kept (authority/refresh_token.h). */
#ifndef SEKISHO_STORE_AUTHORITY_REFRESH_H
#define SEKISHO_STORE_AUTHORITY_REFRESH_H

#include "store/authority_grants.h"

/* A token of ours, by what it says. */
typedef struct refresh_name {
  int64_t row;
  uint32_t generation;
  grant_ref_t ref;
} refresh_name_t;

typedef enum refresh_verdict {
  REFRESH_UNKNOWN,    /* no such family, revoked, idle for too long, or at its end */
  REFRESH_MISMATCHED, /* another client's, or another key's: nothing is changed */
  REFRESH_REUSED,     /* used before, and not just now */
  REFRESH_CURRENT,
  REFRESH_REPEATED, /* the one before, within the grace: its answer may have been lost */
} refresh_verdict_t;

typedef struct refresh_presented {
  refresh_name_t name;
  bytes_t client;
  bytes_t confirmation; /* of the key that was proven; BYTES_NONE: none */
  int64_t now_ms;
  int64_t grace_ms;
} refresh_presented_t;

typedef struct refresh_family {
  refresh_verdict_t verdict;
  grant_t grant;            /* in the arena, but for UNKNOWN */
  int64_t tokens_until_ms;  /* when its last access token ends */
  int64_t refresh_until_ms; /* when the family ends unless it is used */
  int64_t absolute_until_ms;
  int64_t row_until_ms; /* how long the row is kept */
} refresh_family_t;

/* Changes nothing. */
MUST_USE error_code_t refresh_find(database_t *database, arena_t *arena, const refresh_presented_t *presented,
                                   refresh_family_t *ret_family);

/* The same for whoever only looks: of no client in particular, and without the grace. */
MUST_USE error_code_t refresh_peek(database_t *database, arena_t *arena, const refresh_name_t *name,
                                   int64_t now_ms, refresh_family_t *ret_family);

/* The successor becomes the newest generation. In the job that found the family CURRENT. */
typedef struct refresh_terms {
  int64_t now_ms, idle_until_ms, tokens_until_ms;
  bool stays; /* no successor: the family lives on with the token that was presented */
} refresh_terms_t;
MUST_USE error_code_t refresh_rotate(database_t *database, const refresh_name_t *name,
                                     const refresh_family_t *family, const refresh_terms_t *terms);
/* One more access token for REPEATED. */
MUST_USE error_code_t refresh_repeat(database_t *database, const refresh_name_t *name,
                                     int64_t tokens_until_ms);

/* The other grants of the grant's client and session that refresh, newest first, at most EARNED_MAX: what a
 * step-up of that client lifts. */
#define EARNED_MAX 64
typedef struct earned_row {
  int64_t row;
  bytes_t acr, amr, levels; /* in the arena */
  int64_t auth_time_ms, session_expires_ms;
} earned_row_t;
MUST_USE error_code_t refresh_list_earned(database_t *database, arena_t *arena, const grant_t *grant,
                                          int64_t now_ms, earned_row_t ret_rows[EARNED_MAX],
                                          size_t *ret_count);
MUST_USE error_code_t refresh_set_earned(database_t *database, const earned_row_t *earned);

/* A grant that is not revoked yet, for whoever revokes it: of an access token by what that says, of a refresh
 * token of any generation by its name and client. row 0: there is none. */
typedef struct living_grant {
  int64_t row;
  int64_t tokens_until_ms;
  bytes_t subject; /* in the arena */
} living_grant_t;
MUST_USE error_code_t grant_find_living(database_t *database, arena_t *arena, bytes_t session,
                                        grant_ref_t ref, living_grant_t *ret_grant);
MUST_USE error_code_t refresh_find_living(database_t *database, arena_t *arena, const refresh_name_t *name,
                                          bytes_t client, living_grant_t *ret_grant);

#endif
