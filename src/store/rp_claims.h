/* What operators say about an account, and which domains were told. Names and values are those of
 * handoff/account_claims.h; this file takes them as they are. */
#ifndef SEKISHO_STORE_RP_CLAIMS_H
#define SEKISHO_STORE_RP_CLAIMS_H

#include "store/database.h"
#include "store/rp_user.h"

typedef void rp_claim_visit_t(void *context, bytes_t name, bytes_t value);
/* In the order of their names; the views end with the visit. */
MUST_USE error_code_t rp_claims_each(database_t *database, rp_user_id_t user, rp_claim_visit_t *visit,
                                     void *context);
MUST_USE error_code_t rp_claim_set(database_t *database, rp_user_id_t user, bytes_t name, bytes_t value);
MUST_USE error_code_t rp_claim_clear(database_t *database, rp_user_id_t user, bytes_t name);

/* --- who was told --- */
/* *ret_added (false: it had been told before). ERR_CONFLICT when the session has ended. */
MUST_USE error_code_t rp_disclosure_add(database_t *database, rp_session_id_t session, bytes_t domain,
                                        bytes_t scope, bool *ret_added);
/* The account's claims have changed: every domain that was told in a session that lives must be told. */
MUST_USE error_code_t rp_disclosure_renew(database_t *database, rp_user_id_t user);

/* An account whose change a domain has not heard of; scopes are all that the domain was told of it. */
typedef struct rp_disclosure {
  rp_user_id_t user;
  uint8_t user_handle[RP_USER_HANDLE_LENGTH];
  int64_t pending;
  bytes_t scopes; /* separated by spaces */
} rp_disclosure_t;
/* ERR_NOT_FOUND when the domain knows all. */
MUST_USE error_code_t rp_disclosure_next(database_t *database, arena_t *arena, bytes_t domain,
                                         rp_disclosure_t *ret_disclosure);
/* The domain has heard; a change that came in between stays pending. */
MUST_USE error_code_t rp_disclosure_delivered(database_t *database, bytes_t domain,
                                              const rp_disclosure_t *disclosure);

#endif
