/* What the metadata and the operator's rule say of the authenticator in a ceremony. */
#ifndef SEKISHO_RP_MODEL_CHECK_H
#define SEKISHO_RP_MODEL_CHECK_H

#include "metadata/metadata_judge.h"
#include "rp/metadata_watch.h"
#include "store/rp_credential.h"
#include "webauthn/registration.h"

/* Of one registration; the ceremony's verification consults it. */
typedef struct model_check {
  const exchange_t *exchange;
  metadata_t *metadata; /* a reference; NULL: there is none */
  bool is_trusted;      /* its word counts: it is not stale, or stale is good enough */
  metadata_facts_t facts;
  uint8_t key_identifier[KEY_IDENTIFIER_LENGTH];
  bool has_key_identifier;
} model_check_t;

model_check_t model_check_begin(const exchange_t *exchange);
void model_check_end(model_check_t *check);
/* For attestation_trust_terms_t; context is the check. */
error_code_t model_check_consult(void *context, const attestation_claim_t *claim, trust_roots_t **ret_roots,
                                 error_detail_t *detail);
/* After verification: writes what was learnt into the credential, and judges rp.authenticators.
 * ERR_AUTHENTICATOR_NOT_ALLOWED. */
MUST_USE error_code_t model_check_finish(const model_check_t *check, const webauthn_registered_t *registered,
                                         rp_credential_t *credential, error_detail_t *detail);

/* A login, before its evidence is made: the credential gets the certification that its model has now.
 * ERR_AUTHENTICATOR_COMPROMISED when the metadata says so now and rp.authenticators refuses such;
 * *ret_problem is the status's name, also where it is only to be told, and NULL when there is none. */
MUST_USE error_code_t model_check_login(const exchange_t *exchange, rp_credential_t *credential,
                                        const char **ret_problem, error_detail_t *detail);

#endif
