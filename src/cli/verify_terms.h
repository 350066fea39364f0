/* The input members of a case to the terms of a ceremony. */
#ifndef SEKISHO_CLI_VERIFY_TERMS_H
#define SEKISHO_CLI_VERIFY_TERMS_H

#include "webauthn/authentication.h"
#include "webauthn/registration.h"

/* Everything that a case says, with views into its JSON and the arena. */
typedef struct verify_terms {
  bool is_registration;
  json_t *credential; /* borrowed */
  webauthn_site_t site;
  webauthn_registration_terms_t registration;
  webauthn_authentication_terms_t authentication;
  webauthn_stored_credential_t stored;
  trust_roots_t *roots; /* owned: verify_terms_done */
  bool check_revocation;
} verify_terms_t;

/* ERR_MALFORMED with the member in detail. Members that are null are taken out of object first. Call
 * verify_terms_done in any case. The terms point into *ret_terms. */
MUST_USE error_code_t verify_terms_parse(arena_t *arena, json_t *object, int64_t time_ms,
                                         verify_terms_t *ret_terms, error_detail_t *detail);
void verify_terms_done(verify_terms_t *terms);

#endif
