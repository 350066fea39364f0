/* Claims about people, as a domain was given them with a grant, for the userinfo endpoint. They live as long
 * as the grant does. */
#ifndef SEKISHO_STORE_AUTHORITY_CLAIMS_H
#define SEKISHO_STORE_AUTHORITY_CLAIMS_H

#include "store/authority_grants.h"

typedef struct grant_claims {
  bytes_t scopes; /* the grant's scopes that give claims, separated by spaces */
  bytes_t claims; /* JSON text */
} grant_claims_t;

/* In the job that opens the grant; row is what grant_open gave. */
MUST_USE error_code_t grant_claims_add(database_t *database, int64_t row, const grant_t *grant,
                                       const grant_claims_t *claims);
/* ERR_NOT_FOUND when the grant has none, or is gone. */
MUST_USE error_code_t grant_claims_find(database_t *database, arena_t *arena, grant_ref_t ref,
                                        grant_claims_t *ret_claims);
/* Calls visit for every grant of the subject that has claims; replacing them is up to grant_claims_set,
 * afterwards. */
typedef void grant_claims_visit_t(void *context, int64_t row, bytes_t scopes);
MUST_USE error_code_t grant_claims_each(database_t *database, bytes_t subject, grant_claims_visit_t *visit,
                                        void *context);
MUST_USE error_code_t grant_claims_set(database_t *database, int64_t row, bytes_t claims);

#endif
