/* Ending sessions inside a job: the rows go, and every domain is told through the outbox, in the same
 * transaction. */
#ifndef SEKISHO_RP_SESSION_END_H
#define SEKISHO_RP_SESSION_END_H

#include "rp/rp.h"
#include "store/rp_session.h"

/* Who must be told; made before the job is submitted, lives in the exchange's arena. */
typedef struct session_end {
  const rp_keys_t *keys;
  const domain_id_t *domains, *sectors; /* side by side (pairwise.h) */
  size_t domain_count;
  int64_t now_ms;
} session_end_t;

MUST_USE error_code_t session_end_prepare(const exchange_t *exchange, session_end_t *ret_end);
/* *ret_ended false: it was gone already. */
MUST_USE error_code_t session_end_one(database_t *database, const session_end_t *end, rp_session_id_t id,
                                      const uint8_t ref[RP_SESSION_REF_LENGTH], bool *ret_ended);
/* Whose sessions all end, and which one goes on (keep.row 0: none). */
typedef struct session_end_account {
  rp_user_id_t user;
  const uint8_t *user_handle; /* RP_USER_HANDLE_LENGTH */
  rp_session_ref_t keep;
} session_end_account_t;
/* With all that outlives them at the domains. */
MUST_USE error_code_t session_end_of_user(database_t *database, const session_end_t *end,
                                          const session_end_account_t *account);
/* A passkey of the session's account is gone: what domains gave for it goes, too. */
MUST_USE error_code_t session_end_grants(database_t *database, const session_end_t *end,
                                         const uint8_t ref[RP_SESSION_REF_LENGTH]);

#endif
