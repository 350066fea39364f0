/* Sessions at the login server. The cookie's secret is kept as its hash. */
#ifndef SEKISHO_STORE_RP_SESSION_H
#define SEKISHO_STORE_RP_SESSION_H

#include "store/database.h"
#include "store/rp_user.h"

#define RP_SESSION_REF_LENGTH 16
#define RP_SESSION_SECRET_HASH_LENGTH 32
#define RP_SESSIONS_LISTED_MAX 100

typedef struct rp_session {
  rp_session_id_t id;
  rp_user_id_t user;
  uint8_t ref[RP_SESSION_REF_LENGTH]; /* stays through rotations: what pairwise session ids come from */
  uint8_t secret_hash[RP_SESSION_SECRET_HASH_LENGTH];
  int64_t created_ms, authenticated_ms, seen_ms;
  int64_t idle_until_ms, expires_ms; /* first instants at which it is over; idle_until never is the later */
  bytes_t label;                     /* text: what the browser calls itself */
  bytes_t evidence;                  /* src/rp/evidence_record */
} rp_session_t;

/* A session and whose it is, in one read. */
typedef struct rp_session_owner {
  rp_session_t session;
  uint8_t user_handle[RP_USER_HANDLE_LENGTH];
  bytes_t username;
  bool user_disabled;
} rp_session_owner_t;

MUST_USE error_code_t rp_session_find(database_t *database, arena_t *arena, rp_session_id_t id,
                                      rp_session_owner_t *ret_owner);
/* Those that are not over at now_ms, newest first, at most RP_SESSIONS_LISTED_MAX; without evidence. */
MUST_USE error_code_t rp_session_list(database_t *database, arena_t *arena, rp_user_id_t user, int64_t now_ms,
                                      rp_session_t **ret_items, size_t *ret_count);

MUST_USE error_code_t rp_session_insert(database_t *database, const rp_session_t *session,
                                        rp_session_id_t *ret_id);
/* A new secret, new times and evidence for the row, if it still has old's secret and evidence. *ret_renewed
 * false: it was ended or renewed or lost evidence in between, and nothing was changed. */
MUST_USE error_code_t rp_session_renew(database_t *database, const rp_session_t *session,
                                       const rp_session_t *old, bool *ret_renewed);
MUST_USE error_code_t rp_session_set_evidence(database_t *database, rp_session_id_t id, bytes_t evidence);
MUST_USE error_code_t rp_session_touch(database_t *database, rp_session_id_t id, int64_t seen_ms,
                                       int64_t idle_until_ms);

/* Ends one, if it is there; *ret_ended says so. */
MUST_USE error_code_t rp_session_delete(database_t *database, rp_session_id_t id, bool *ret_ended);

/* Refs of an account's sessions but one (keep.row 0: all of them), for session_ended; in the arena. */
typedef struct rp_session_ref {
  rp_session_id_t id;
  uint8_t ref[RP_SESSION_REF_LENGTH];
} rp_session_ref_t;
MUST_USE error_code_t rp_session_each_of_user(database_t *database, rp_user_id_t user, rp_session_id_t keep,
                                              error_code_t (*visit)(void *context,
                                                                    const rp_session_ref_t *ref),
                                              void *context);
MUST_USE error_code_t rp_session_delete_of_user(database_t *database, rp_user_id_t user,
                                                rp_session_id_t keep);
MUST_USE error_code_t rp_session_find_by_ref(database_t *database, rp_user_id_t user, bytes_t ref,
                                             rp_session_id_t *ret_id);

/* A sweep (store_sweep_t). */
error_code_t rp_session_sweep(database_t *database, int64_t now_ms, bool *ret_more);

#endif
