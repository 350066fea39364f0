/* The registration ceremony: WebAuthn L3 §7.1, every step in order. The result is a type that only its last
 * step makes. */
#ifndef SEKISHO_WEBAUTHN_REGISTRATION_H
#define SEKISHO_WEBAUTHN_REGISTRATION_H

#include "webauthn/attestation.h"
#include "webauthn/response_json.h"
#include "webauthn/site.h"

/* What was promised when the options were made. Everything borrowed. */
typedef struct webauthn_registration_terms {
  const webauthn_site_t *site;
  bytes_t challenge;
  webauthn_user_terms_t user;
  const int64_t
      *algorithms;        /* COSE numbers that were offered; those that we do not know are never accepted */
  size_t algorithm_count; /* 0: all that we know */
  bool allow_rs1;         /* the key may be of RS1, where that was offered: conformance mode only */
  extension_terms_t extensions;
  bool refuse_backup_eligible; /* credentials that can be synced */
  attestation_trust_terms_t trust;
  attestation_rules_t rules;
} webauthn_registration_terms_t;

typedef struct webauthn_registered webauthn_registered_t;

/* verdict is always set. Views of the result live as long as the arena and the response. Step 27, that nobody
 * has the credential id yet, is the store's, in the transaction that adds the credential. */
MUST_USE error_code_t webauthn_registration_verify(arena_t *arena, const webauthn_registration_terms_t *terms,
                                                   const webauthn_registration_response_t *response,
                                                   webauthn_verdict_t *verdict,
                                                   const webauthn_registered_t **ret_registered);

bytes_t webauthn_registered_credential_id(const webauthn_registered_t *registered);
bytes_t webauthn_registered_public_key(const webauthn_registered_t *registered); /* COSE */
signature_algorithm_t webauthn_registered_algorithm(const webauthn_registered_t *registered);
bytes_t webauthn_registered_aaguid(const webauthn_registered_t *registered); /* AAGUID_LENGTH bytes */
uint32_t webauthn_registered_sign_count(const webauthn_registered_t *registered);
uint8_t webauthn_registered_flags(const webauthn_registered_t *registered); /* AUTHENTICATOR_FLAG_… */
const char *webauthn_registered_format(const webauthn_registered_t *registered);
attestation_type_t webauthn_registered_attestation(const webauthn_registered_t *registered);
bool webauthn_registered_trusted(
    const webauthn_registered_t *registered); /* the chain reached a trust root */
attestation_trust_t webauthn_registered_trust(const webauthn_registered_t *registered);
authenticator_attachment_t webauthn_registered_attachment(const webauthn_registered_t *registered);
/* What the extensions that were asked for said; lives as long as registered. */
const extension_outputs_t *webauthn_registered_extensions(const webauthn_registered_t *registered);
size_t webauthn_registered_transports(const webauthn_registered_t *registered, const char *const **ret_names);
/* The evidence itself. */
bytes_t webauthn_registered_authenticator_data(const webauthn_registered_t *registered);
bytes_t webauthn_registered_client_data_json(const webauthn_registered_t *registered);
bytes_t webauthn_registered_attestation_object(const webauthn_registered_t *registered);

#endif
