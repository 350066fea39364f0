/* Subjects and session ids as one domain sees them: nothing that two domains could compare, unless they are
 * to. */
#ifndef SEKISHO_RP_PAIRWISE_H
#define SEKISHO_RP_PAIRWISE_H

#include "config/config.h"
#include "policy/evidence.h"
#include "rp/rp_keys.h"
#include "store/rp_session.h"

#define PAIRWISE_LENGTH 43 /* base64url of 32 bytes */
typedef struct pairwise {
  char text[PAIRWISE_LENGTH + 1];
} pairwise_t;

/* OpenID Connect Core §8: for whom a domain's subjects are derived. Itself; or the login server, by the empty
 * id, for every domain whose subject_type is public, so that these see the same. */
domain_id_t pairwise_sector(const config_t *config, const domain_id_t *domain);

MUST_USE error_code_t pairwise_subject(const rp_keys_t *keys, const domain_id_t *sector,
                                       const uint8_t user_handle[RP_USER_HANDLE_LENGTH],
                                       pairwise_t *ret_subject);
MUST_USE error_code_t pairwise_session(const rp_keys_t *keys, const domain_id_t *sector,
                                       const uint8_t ref[RP_SESSION_REF_LENGTH], pairwise_t *ret_session);

#endif
