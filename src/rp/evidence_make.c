#include "rp/evidence_make.h"

#include <string.h>

#include "crypto/hash.h"

static error_code_t fact_begin(const ceremony_terms_t *terms, bytes_t credential_id, uint8_t flags,
                               int64_t now_ms, evidence_t *fact)
{
  *fact = (evidence_t){
      .time_ms = now_ms,
      .purpose = terms->purpose,
      .user_present = (flags & AUTHENTICATOR_FLAG_UP) != 0,
      .user_verified = (flags & AUTHENTICATOR_FLAG_UV) != 0,
      .backup_eligible = (flags & AUTHENTICATOR_FLAG_BE) != 0,
      .backed_up = (flags & AUTHENTICATOR_FLAG_BS) != 0,
  };
  if (terms->has_continuation) {
    fact->domain = terms->continuation.domain;
    memcpy(fact->request, terms->continuation.request, sizeof(fact->request));
  }
  sha256_t hash;
  error_code_t error = hash_sha256(credential_id, &hash);
  if (error == ERR_NONE)
    memcpy(fact->credential, hash.bytes, sizeof(fact->credential));
  return error;
}

error_code_t evidence_make_assertion(const ceremony_terms_t *terms, const rp_credential_t *credential,
                                     const webauthn_authenticated_t *result, int64_t now_ms,
                                     handoff_evidence_t *ret_evidence)
{
  handoff_evidence_t evidence = {
      .credential_id = credential->credential_id,
      .authenticator_data = webauthn_authenticated_authenticator_data(result),
      .client_data = webauthn_authenticated_client_data_json(result),
      .signature = webauthn_authenticated_signature(result),
  };
  error_code_t error = fact_begin(terms, credential->credential_id, webauthn_authenticated_flags(result),
                                  now_ms, &evidence.fact);
  if (error != ERR_NONE)
    return error;
  evidence.fact.authenticator = credential->authenticator;
  evidence.fact.attested_hardware = credential->hardware;
  *ret_evidence = evidence;
  return ERR_NONE;
}

error_code_t evidence_make_registration(const ceremony_terms_t *terms, const rp_credential_t *credential,
                                        const webauthn_registered_t *result, int64_t now_ms,
                                        handoff_evidence_t *ret_evidence)
{
  handoff_evidence_t evidence = {
      .credential_id = credential->credential_id,
      .authenticator_data = webauthn_registered_authenticator_data(result),
      .client_data = webauthn_registered_client_data_json(result),
  };
  error_code_t error =
      fact_begin(terms, evidence.credential_id, webauthn_registered_flags(result), now_ms, &evidence.fact);
  if (error != ERR_NONE)
    return error;
  evidence.fact.user_verified = credential->uv_initialized;
  evidence.fact.authenticator = credential->authenticator;
  evidence.fact.attested_hardware = credential->hardware;
  *ret_evidence = evidence;
  return ERR_NONE;
}
