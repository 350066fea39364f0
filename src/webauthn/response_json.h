/* RegistrationResponseJSON and AuthenticationResponseJSON (WebAuthn L3 §5.1) to plain structs of bytes. Wrong
 * types are refused, never coerced; id and rawId must be the same; base64url is strict. */
#ifndef SEKISHO_WEBAUTHN_RESPONSE_JSON_H
#define SEKISHO_WEBAUTHN_RESPONSE_JSON_H

#include "base/json.h"
#include "webauthn/client_data.h"
#include "webauthn/extensions.h"

#define USER_HANDLE_MAX_LENGTH 64
#define TRANSPORTS_MAX 8

typedef enum authenticator_attachment {
  ATTACHMENT_UNKNOWN, /* absent, or a value that we do not know: the standard treats both alike */
  ATTACHMENT_PLATFORM,
  ATTACHMENT_CROSS_PLATFORM,
} authenticator_attachment_t;

/* "platform", "cross-platform", or NULL when unknown. */
const char *authenticator_attachment_name(authenticator_attachment_t attachment);

typedef struct webauthn_registration_response {
  bytes_t id; /* decoded */
  bytes_t client_data_json;
  bytes_t attestation_object;
  const char *transports[TRANSPORTS_MAX]; /* known names only, each once: static strings */
  size_t transport_count;
  authenticator_attachment_t attachment;
  extension_outputs_t extensions; /* the client's */
  /* Filled by the caller who has parsed it already (client_data_parse); NULL: the ceremony parses it. */
  const client_data_t *client_data;
} webauthn_registration_response_t;

typedef struct webauthn_authentication_response {
  bytes_t id; /* decoded */
  bytes_t client_data_json;
  bytes_t authenticator_data;
  bytes_t signature;
  bytes_t user_handle; /* none when absent or empty; at most USER_HANDLE_MAX_LENGTH */
  authenticator_attachment_t attachment;
  extension_outputs_t extensions;   /* the client's */
  const client_data_t *client_data; /* as above */
} webauthn_authentication_response_t;

/* The FIDO server transport profile leaves rawId out at times and calls the extension results by the method's
 * name. */
typedef enum webauthn_response_form {
  RESPONSE_FORM_W3C,  /* rawId is required */
  RESPONSE_FORM_FIDO, /* rawId is optional; getClientExtensionResults is read as clientExtensionResults */
} webauthn_response_form_t;

/* Decoded members go to the arena. ERR_MALFORMED with the member's name in detail (may be NULL),
 * ERR_NO_MEMORY. */
MUST_USE error_code_t webauthn_registration_response_parse(arena_t *arena, const json_t *json,
                                                           webauthn_response_form_t form,
                                                           webauthn_registration_response_t *ret_response,
                                                           error_detail_t *detail);
MUST_USE error_code_t webauthn_authentication_response_parse(arena_t *arena, const json_t *json,
                                                             webauthn_response_form_t form,
                                                             webauthn_authentication_response_t *ret_response,
                                                             error_detail_t *detail);

#endif
