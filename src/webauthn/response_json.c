#include "webauthn/response_json.h"

#include <string.h>

static const char *const TRANSPORTS[] = {"usb", "nfc", "ble", "smart-card", "hybrid", "internal"};

const char *authenticator_attachment_name(authenticator_attachment_t attachment)
{
  switch (attachment) {
  case ATTACHMENT_PLATFORM:
    return "platform";
  case ATTACHMENT_CROSS_PLATFORM:
    return "cross-platform";
  case ATTACHMENT_UNKNOWN:
    break;
  }
  return NULL;
}

static error_code_t malformed(error_detail_t *detail, const char *name, const char *what)
{
  return error_because(detail, ERR_MALFORMED, "%s must be %s", name, what);
}

/* A required base64url member that may not be empty. */
static error_code_t require_octets(arena_t *arena, const json_t *object, const char *name, bytes_t *ret_bytes,
                                   error_detail_t *detail)
{
  error_code_t code = json_require_base64url(arena, object, name, ret_bytes);
  if (code == ERR_NO_MEMORY)
    return code;
  if (code != ERR_NONE || ret_bytes->len == 0)
    return malformed(detail, name, "base64url without padding, and not empty");
  return ERR_NONE;
}

/* id, rawId and type; the texts of both ids must be one, so one of them is decoded. */
static error_code_t parse_head(arena_t *arena, const json_t *json, webauthn_response_form_t form,
                               bytes_t *ret_id, error_detail_t *detail)
{
  bytes_t id = BYTES_NONE, raw_id = BYTES_NONE, type = BYTES_NONE;
  if (!json_is_object(json))
    return malformed(detail, "the response", "a JSON object");
  if (json_require_text(json, "type", &type) != ERR_NONE || !bytes_equal_string(type, "public-key"))
    return malformed(detail, "type", "\"public-key\"");
  if (json_require_text(json, "id", &id) != ERR_NONE)
    return malformed(detail, "id", "a text");
  bool may_lack = form == RESPONSE_FORM_FIDO && json_object_get(json, "rawId") == NULL;
  if (!may_lack && (json_require_text(json, "rawId", &raw_id) != ERR_NONE || !bytes_equal(id, raw_id)))
    return malformed(detail, "rawId", "the same text as id");
  return require_octets(arena, json, "id", ret_id, detail);
}

static error_code_t parse_attachment(const json_t *json, authenticator_attachment_t *ret_attachment,
                                     error_detail_t *detail)
{
  const json_t *member = json_object_get(json, "authenticatorAttachment");
  *ret_attachment = ATTACHMENT_UNKNOWN;
  if (member == NULL || json_is_null(member))
    return ERR_NONE;
  if (!json_is_string(member))
    return malformed(detail, "authenticatorAttachment", "a text");
  if (strcmp(json_string_value(member), "platform") == 0)
    *ret_attachment = ATTACHMENT_PLATFORM;
  else if (strcmp(json_string_value(member), "cross-platform") == 0)
    *ret_attachment = ATTACHMENT_CROSS_PLATFORM;
  return ERR_NONE;
}

/* NULL when there are none. */
static error_code_t find_extension_results(const json_t *json, webauthn_response_form_t form,
                                           json_t **ret_borrowed, error_detail_t *detail)
{
  const char *name = "clientExtensionResults";
  if (form == RESPONSE_FORM_FIDO && json_object_get(json, name) == NULL)
    name = "getClientExtensionResults";
  *ret_borrowed = NULL;
  if (json_get_object(json, name, ret_borrowed) != ERR_NONE)
    return malformed(detail, name, "an object");
  return ERR_NONE;
}

/* Unknown names are dropped: they are stored and shown. */
static error_code_t parse_transports(const json_t *response, webauthn_registration_response_t *parsed,
                                     error_detail_t *detail)
{
  json_t *transports = NULL;
  if (json_get_array(response, "transports", &transports) != ERR_NONE)
    return malformed(detail, "transports", "an array of texts");
  size_t index;
  json_t *transport;
  uint32_t seen = 0;
  json_array_foreach(transports, index, transport)
  {
    if (!json_is_string(transport))
      return malformed(detail, "transports", "an array of texts");
    for (size_t i = 0; i < sizeof(TRANSPORTS) / sizeof(TRANSPORTS[0]); i++)
      if (strcmp(TRANSPORTS[i], json_string_value(transport)) == 0 && (seen & 1u << i) == 0) {
        seen |= 1u << i;
        parsed->transports[parsed->transport_count++] = TRANSPORTS[i];
      }
  }
  return ERR_NONE;
}

/* What both responses share. */
typedef struct envelope {
  bytes_t id;
  bytes_t client_data_json;
  authenticator_attachment_t attachment;
  json_t *response, *results; /* borrowed */
} envelope_t;

static error_code_t parse_envelope(arena_t *arena, const json_t *json, webauthn_response_form_t form,
                                   envelope_t *envelope, error_detail_t *detail)
{
  error_code_t code = parse_head(arena, json, form, &envelope->id, detail);
  if (code != ERR_NONE)
    return code;
  if (json_get_object(json, "response", &envelope->response) != ERR_NONE || envelope->response == NULL)
    return malformed(detail, "response", "an object");
  code = parse_attachment(json, &envelope->attachment, detail);
  if (code != ERR_NONE)
    return code;
  code = find_extension_results(json, form, &envelope->results, detail);
  if (code != ERR_NONE)
    return code;
  return require_octets(arena, envelope->response, "clientDataJSON", &envelope->client_data_json, detail);
}

error_code_t webauthn_registration_response_parse(arena_t *arena, const json_t *json,
                                                  webauthn_response_form_t form,
                                                  webauthn_registration_response_t *ret_response,
                                                  error_detail_t *detail)
{
  envelope_t envelope = {0};
  error_code_t code = parse_envelope(arena, json, form, &envelope, detail);
  if (code != ERR_NONE)
    return code;
  webauthn_registration_response_t parsed = {
      .id = envelope.id, .client_data_json = envelope.client_data_json, .attachment = envelope.attachment};
  code = require_octets(arena, envelope.response, "attestationObject", &parsed.attestation_object, detail);
  if (code != ERR_NONE)
    return code;
  code = parse_transports(envelope.response, &parsed, detail);
  if (code != ERR_NONE)
    return code;
  parsed.extensions = extensions_parse_client(envelope.results, EXTENSION_AT_CREATE);
  *ret_response = parsed;
  return ERR_NONE;
}

/* toJSON() leaves it out where there is none; clients that copy the nullable attribute write null. */
static error_code_t parse_user_handle(arena_t *arena, const json_t *response, bytes_t *ret_handle,
                                      error_detail_t *detail)
{
  bytes_t handle = BYTES_NONE;
  if (json_is_null(json_object_get(response, "userHandle")))
    return ERR_NONE;
  error_code_t code = json_get_base64url(arena, response, "userHandle", &handle);
  if (code == ERR_NO_MEMORY)
    return code;
  if (code != ERR_NONE || handle.len > USER_HANDLE_MAX_LENGTH)
    return malformed(detail, "userHandle", "base64url of at most 64 bytes");
  *ret_handle = handle;
  return ERR_NONE;
}

error_code_t webauthn_authentication_response_parse(arena_t *arena, const json_t *json,
                                                    webauthn_response_form_t form,
                                                    webauthn_authentication_response_t *ret_response,
                                                    error_detail_t *detail)
{
  envelope_t envelope = {0};
  error_code_t code = parse_envelope(arena, json, form, &envelope, detail);
  if (code != ERR_NONE)
    return code;
  webauthn_authentication_response_t parsed = {
      .id = envelope.id, .client_data_json = envelope.client_data_json, .attachment = envelope.attachment};
  code = require_octets(arena, envelope.response, "authenticatorData", &parsed.authenticator_data, detail);
  if (code != ERR_NONE)
    return code;
  code = require_octets(arena, envelope.response, "signature", &parsed.signature, detail);
  if (code != ERR_NONE)
    return code;
  code = parse_user_handle(arena, envelope.response, &parsed.user_handle, detail);
  if (code != ERR_NONE)
    return code;
  parsed.extensions = extensions_parse_client(envelope.results, EXTENSION_AT_GET);
  *ret_response = parsed;
  return ERR_NONE;
}
