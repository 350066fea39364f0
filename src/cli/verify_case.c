#include "cli/verify_case.h"

#include "base/encoding.h"
#include "cli/verify_terms.h"

/* What the ceremony taught; views. */
typedef struct learnt {
  const char *format, *attestation_type;
  bytes_t aaguid, public_key, credential_id;
  int64_t algorithm;
  uint32_t sign_count;
  uint8_t flags;
} learnt_t;

static const char *const LEARNT[] = {
    "fmt", "attestation_type", "aaguid",      "alg", "public_key_cose", "credential_id", "sign_count",
    "uv",  "backup_eligible",  "backup_state"};

/* A new answer with every member there, null until it is known. */
static json_t *answer_new(const json_t *id)
{
  json_t *answer = json_object();
  json_object_set_new(answer, "id", id != NULL ? json_deep_copy(id) : json_null());
  json_object_set_new(answer, "verified", json_false());
  json_object_set_new(answer, "error", json_null());
  json_object_set_new(answer, "step", json_null());
  json_object_set_new(answer, "message", json_null());
  for (size_t i = 0; i < sizeof(LEARNT) / sizeof(LEARNT[0]); i++)
    json_object_set_new(answer, LEARNT[i], json_null());
  return answer;
}

static void answer_refuse(json_t *answer, error_code_t code, const webauthn_verdict_t *verdict)
{
  const error_info_t *info = error_info(code);
  json_set_string(answer, "error", info->slug);
  if (verdict->step != WEBAUTHN_STEP_NONE)
    json_set_string(answer, "step", webauthn_step_info(verdict->step)->slug);
  bytes_t detail = bytes_of_string(verdict->detail.text);
  /* A detail may quote what came in: never answer with text that is not UTF-8. */
  if (detail.len == 0 || !json_set_text(answer, "message", detail))
    json_set_string(answer, "message", info->sentence);
}

static void set_aaguid(arena_t *arena, json_t *answer, bytes_t aaguid)
{
  if (aaguid.len != AAGUID_LENGTH)
    return;
  const char *hex = hex_encode(arena, aaguid);
  if (hex != NULL)
    json_set_string(
        answer, "aaguid",
        arena_format(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20));
}

static void answer_accept(arena_t *arena, json_t *answer, const learnt_t *learnt)
{
  json_set_boolean(answer, "verified", true);
  if (learnt->format != NULL)
    json_set_string(answer, "fmt", learnt->format);
  if (learnt->attestation_type != NULL)
    json_set_string(answer, "attestation_type", learnt->attestation_type);
  set_aaguid(arena, answer, learnt->aaguid);
  json_set_integer(answer, "alg", learnt->algorithm);
  json_set_base64url(answer, "public_key_cose", learnt->public_key);
  json_set_base64url(answer, "credential_id", learnt->credential_id);
  json_set_integer(answer, "sign_count", learnt->sign_count);
  json_set_boolean(answer, "uv", (learnt->flags & AUTHENTICATOR_FLAG_UV) != 0);
  json_set_boolean(answer, "backup_eligible", (learnt->flags & AUTHENTICATOR_FLAG_BE) != 0);
  json_set_boolean(answer, "backup_state", (learnt->flags & AUTHENTICATOR_FLAG_BS) != 0);
}

static error_code_t run_registration(arena_t *arena, const verify_terms_t *terms, webauthn_verdict_t *verdict,
                                     learnt_t *learnt)
{
  webauthn_registration_response_t response;
  verdict->step = WEBAUTHN_STEP_RESPONSE;
  error_code_t code = webauthn_registration_response_parse(arena, terms->credential, RESPONSE_FORM_W3C,
                                                           &response, &verdict->detail);
  if (code != ERR_NONE)
    return code;
  const webauthn_registered_t *registered = NULL;
  code = webauthn_registration_verify(arena, &terms->registration, &response, verdict, &registered);
  if (code != ERR_NONE)
    return code;
  *learnt = (learnt_t){
      .format = webauthn_registered_format(registered),
      .attestation_type = attestation_type_name(webauthn_registered_attestation(registered)),
      .aaguid = webauthn_registered_aaguid(registered),
      .public_key = webauthn_registered_public_key(registered),
      .credential_id = webauthn_registered_credential_id(registered),
      .algorithm = webauthn_registered_algorithm(registered),
      .sign_count = webauthn_registered_sign_count(registered),
      .flags = webauthn_registered_flags(registered),
  };
  return ERR_NONE;
}

#define USER_HANDLE_TEXT_MAX 86 /* of 64 bytes in base64url */

/* A case need not say whose the stored credential is. Then userHandle has nothing to be compared with, and is
 * not read either, so that a recorded text that is only nearly base64url does not decide the case. */
static void drop_idle_user_handle(const verify_terms_t *terms)
{
  json_t *response = json_object_get(terms->credential, "response");
  const json_t *handle = json_object_get(response, "userHandle");
  bool is_idle = terms->stored.user_handle.len == 0 && terms->authentication.user_handle.len == 0 &&
                 terms->authentication.user_handle_optional;
  if (is_idle && json_is_string(handle) && json_string_length(handle) <= USER_HANDLE_TEXT_MAX)
    json_object_del(response, "userHandle");
}

static error_code_t run_authentication(arena_t *arena, const verify_terms_t *terms,
                                       webauthn_verdict_t *verdict, learnt_t *learnt)
{
  webauthn_authentication_response_t response;
  verdict->step = WEBAUTHN_STEP_RESPONSE;
  drop_idle_user_handle(terms);
  error_code_t code = webauthn_authentication_response_parse(arena, terms->credential, RESPONSE_FORM_W3C,
                                                             &response, &verdict->detail);
  if (code != ERR_NONE)
    return code;
  /* A case need not say whose the stored credential is: then it is the identified user's, or whose it claims
   * to be. */
  webauthn_stored_credential_t stored = terms->stored;
  webauthn_authentication_terms_t judged = terms->authentication;
  if (stored.user_handle.len == 0)
    stored.user_handle = judged.user_handle.len > 0 ? judged.user_handle : response.user_handle;
  judged.credential = &stored;
  const webauthn_authenticated_t *authenticated = NULL;
  code = webauthn_authentication_verify(arena, &judged, &response, verdict, &authenticated);
  if (code != ERR_NONE)
    return code;
  *learnt = (learnt_t){
      .public_key = stored.public_key,
      .credential_id = webauthn_authenticated_credential_id(authenticated),
      .algorithm = webauthn_authenticated_algorithm(authenticated),
      .sign_count = webauthn_authenticated_sign_count(authenticated),
      .flags = webauthn_authenticated_flags(authenticated),
  };
  return ERR_NONE;
}

static error_code_t run(arena_t *arena, const json_t *object, int64_t time_ms, webauthn_verdict_t *verdict,
                        learnt_t *learnt)
{
  verify_terms_t terms;
  error_code_t code = verify_terms_parse(arena, object, time_ms, &terms, &verdict->detail);
  if (code == ERR_NONE)
    code = terms.is_registration ? run_registration(arena, &terms, verdict, learnt)
                                 : run_authentication(arena, &terms, verdict, learnt);
  verify_terms_done(&terms);
  return code;
}

json_t *verify_case_run(arena_t *arena, bytes_t line, int64_t time_ms)
{
  webauthn_verdict_t verdict = {.step = WEBAUTHN_STEP_NONE};
  learnt_t learnt = {0};
  CLEANUP(json_drop) json_t *object = NULL;
  error_code_t code = ERR_TOO_LARGE;
  if (line.len <= VERIFY_LINE_MAX)
    code = json_parse(line, &object);
  if (code == ERR_MALFORMED)
    code = error_because(&verdict.detail, code, "the line is not one JSON value without duplicate members");
  json_t *answer = answer_new(json_object_get(object, "id"));
  if (code == ERR_NONE)
    code = run(arena, object, time_ms, &verdict, &learnt);
  if (code == ERR_NONE)
    answer_accept(arena, answer, &learnt);
  else
    answer_refuse(answer, code, &verdict);
  return answer;
}
