/* What a relying party expects in every ceremony, whatever it is for: its id, its origins, who may embed it.
 */
#ifndef SEKISHO_WEBAUTHN_SITE_H
#define SEKISHO_WEBAUTHN_SITE_H

#include "webauthn/authenticator_data.h"
#include "webauthn/client_data.h"
#include "webauthn/step.h"

/* Everything borrowed. All zero but rp_id and origins is the strict default. */
typedef struct webauthn_site {
  bytes_t rp_id;
  const bytes_t *origins; /* compared whole, byte for byte */
  size_t origin_count;
  bool allow_cross_origin; /* ceremonies in frames of foreign pages */
  const bytes_t *top_origins;
  size_t top_origin_count;
  bool cross_origin_needs_top_origin;
  bool top_origin_needs_cross_origin;
} webauthn_site_t;

/* The steps type, challenge, origin, cross-origin and top-origin, in this order; type is "webauthn.create" or
 * "webauthn.get". Sets verdict when it refuses. */
MUST_USE error_code_t webauthn_site_check_client_data(const webauthn_site_t *site, const char *type,
                                                      bytes_t challenge, const client_data_t *client_data,
                                                      webauthn_verdict_t *verdict);
/* The step rp-id-hash as a refusal: what both ceremonies say of another hash. */
MUST_USE error_code_t webauthn_site_refuse_rp_id_hash(const webauthn_site_t *site,
                                                      webauthn_verdict_t *verdict);
/* The steps user-present, user-verified and backup-flags. */
typedef struct webauthn_user_terms {
  bool absent_allowed; /* UP may be clear: conditional create, and conformance mode only */
  bool require_uv;
} webauthn_user_terms_t;
MUST_USE error_code_t webauthn_site_check_flags(webauthn_user_terms_t terms, const authenticator_data_t *data,
                                                webauthn_verdict_t *verdict);
/* Says at which step it ends, formats the detail and gives code: `return webauthn_refuse(verdict, STEP, ERR,
 * "…")`. */
#define webauthn_refuse(verdict, at_step, code, ...)                                                         \
  ((verdict)->step = (at_step), error_because(&(verdict)->detail, (code), __VA_ARGS__))

#endif
