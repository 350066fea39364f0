/* The authentication ceremony: WebAuthn L3 §7.2, every step in order. The result is a type that only its last
 * step makes. */
#ifndef SEKISHO_WEBAUTHN_AUTHENTICATION_H
#define SEKISHO_WEBAUTHN_AUTHENTICATION_H

#include "crypto/public_key.h"
#include "webauthn/response_json.h"
#include "webauthn/site.h"

/* The credential record that the store holds for the response's id. */
typedef struct webauthn_stored_credential {
  bytes_t id;
  bytes_t user_handle;     /* of the account that owns it */
  bytes_t public_key;      /* COSE */
  const public_key_t *key; /* the same, ready to use, or NULL: then public_key is parsed */
  uint32_t sign_count;
  bool backup_eligible;
  bool backup_eligible_unknown; /* records from elsewhere may lack it; then the step is passed over */
  bool backed_up;               /* its state when it was last used */
} webauthn_stored_credential_t;

/* What was promised when the options were made. Everything borrowed. */
typedef struct webauthn_authentication_terms {
  const webauthn_site_t *site;
  bytes_t challenge;
  webauthn_user_terms_t user;
  const bytes_t *allow_credentials; /* ids; count 0: any */
  size_t allow_credential_count;
  bytes_t user_handle;       /* of the user who was identified before; none: the response identifies */
  bool user_handle_optional; /* nobody identified, and the response need not either: offline checks only */
  const webauthn_stored_credential_t *credential;
  bool allow_rs1; /* public_key may be of RS1: conformance mode only */
  bytes_t appid;  /* U2F migration (§10.1.1): none when not asked for */
  bool appid_strict;
  extension_terms_t extensions;
  bool refuse_backup_change; /* BS must be what it was */
  bool stale_count_allowed;  /* a counter that did not grow is reported, not refused */
} webauthn_authentication_terms_t;

typedef struct webauthn_authenticated webauthn_authenticated_t;

/* verdict is always set; views of the result live as long as the arena, the response and the credential. */
MUST_USE error_code_t webauthn_authentication_verify(arena_t *arena,
                                                     const webauthn_authentication_terms_t *terms,
                                                     const webauthn_authentication_response_t *response,
                                                     webauthn_verdict_t *verdict,
                                                     const webauthn_authenticated_t **ret_authenticated);

bytes_t webauthn_authenticated_credential_id(const webauthn_authenticated_t *authenticated);
bytes_t webauthn_authenticated_user_handle(const webauthn_authenticated_t *authenticated); /* the owner's */
signature_algorithm_t webauthn_authenticated_algorithm(const webauthn_authenticated_t *authenticated);
uint32_t webauthn_authenticated_sign_count(const webauthn_authenticated_t *authenticated); /* the new one */
uint8_t
webauthn_authenticated_flags(const webauthn_authenticated_t *authenticated); /* AUTHENTICATOR_FLAG_… */
/* The counter was used and did not grow: a sign of a copied key, where the terms let that pass. */
bool webauthn_authenticated_count_is_stale(const webauthn_authenticated_t *authenticated);
/* As webauthn_registered_extensions. */
const extension_outputs_t *webauthn_authenticated_extensions(const webauthn_authenticated_t *authenticated);
authenticator_attachment_t webauthn_authenticated_attachment(const webauthn_authenticated_t *authenticated);
/* The evidence itself, for whoever wants to judge again. */
bytes_t webauthn_authenticated_authenticator_data(const webauthn_authenticated_t *authenticated);
bytes_t webauthn_authenticated_client_data_json(const webauthn_authenticated_t *authenticated);
bytes_t webauthn_authenticated_signature(const webauthn_authenticated_t *authenticated);

#endif
