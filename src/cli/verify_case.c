#include "cli/verify_case.h"

#include "base/text.h"
#include "cli/verify_answer.h"
#include "cli/verify_policy.h"
#include "cli/verify_terms.h"
#include "crypto/cose_key.h"

/* --- what a refused response says of itself --- */

static void read_authenticator_data(bytes_t bytes, verify_learnt_t *learnt)
{
  authenticator_data_t data;
  if (authenticator_data_parse(bytes, &data, NULL) != ERR_NONE)
    return;
  learnt->has_data = true;
  learnt->sign_count = data.sign_count;
  learnt->flags = data.flags;
  learnt->aaguid = data.aaguid;
  if (data.credential_id.len > 0)
    learnt->credential_id = data.credential_id;
  if (data.credential_key.len > 0)
    learnt->public_key = data.credential_key;
}

static void read_algorithm(verify_learnt_t *learnt)
{
  if (cose_key_parse(learnt->public_key, NULL, &learnt->algorithm, NULL) != ERR_NONE)
    learnt->algorithm = 0;
}

static void read_registration(const webauthn_registration_response_t *response, verify_learnt_t *learnt)
{
  attestation_object_t object;
  learnt->credential_id = response->id;
  if (attestation_object_parse(response->attestation_object, &object, NULL) != ERR_NONE)
    return;
  if (text_is_utf8(object.format))
    learnt->format = object.format;
  read_authenticator_data(object.authenticator_data, learnt);
  read_algorithm(learnt);
}

static void read_authentication(const webauthn_authentication_response_t *response, bytes_t stored_key,
                                verify_learnt_t *learnt)
{
  read_authenticator_data(response->authenticator_data, learnt);
  /* What a registration would have taught is the record's. */
  learnt->aaguid = BYTES_NONE;
  learnt->credential_id = response->id;
  learnt->public_key = stored_key;
  read_algorithm(learnt);
}

/* --- the ceremonies --- */

static void learn_registration(const webauthn_registered_t *registered, verify_learnt_t *learnt)
{
  *learnt = (verify_learnt_t){
      .format = bytes_of_string(webauthn_registered_format(registered)),
      .attestation_type = attestation_type_name(webauthn_registered_attestation(registered)),
      .aaguid = webauthn_registered_aaguid(registered),
      .public_key = webauthn_registered_public_key(registered),
      .credential_id = webauthn_registered_credential_id(registered),
      .algorithm = webauthn_registered_algorithm(registered),
      .has_data = true,
      .sign_count = webauthn_registered_sign_count(registered),
      .flags = webauthn_registered_flags(registered),
  };
}

static error_code_t run_registration(arena_t *arena, const verify_terms_t *terms, webauthn_verdict_t *verdict,
                                     verify_learnt_t *learnt)
{
  webauthn_registration_response_t response;
  verdict->step = WEBAUTHN_STEP_RESPONSE;
  error_code_t code = webauthn_registration_response_parse(arena, terms->credential, RESPONSE_FORM_W3C,
                                                           &response, &verdict->detail);
  if (code != ERR_NONE)
    return code;
  const webauthn_registered_t *registered = NULL;
  code = webauthn_registration_verify(arena, &terms->registration, &response, verdict, &registered);
  /* Revocation lists are not fetched: whoever asks for them must not be told yes. */
  if (code == ERR_NONE && terms->check_revocation && webauthn_registered_trusted(registered))
    code =
        webauthn_refuse(verdict, WEBAUTHN_STEP_ATTESTATION_TRUST, ERR_ATTESTATION_TRUST,
                        "check_revocation is set, and there are no revocation lists offline: leave it out");
  if (code == ERR_NONE)
    learn_registration(registered, learnt);
  else
    read_registration(&response, learnt);
  return code;
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

static void learn_authentication(const webauthn_authenticated_t *authenticated, bytes_t stored_key,
                                 verify_learnt_t *learnt)
{
  *learnt = (verify_learnt_t){
      .public_key = stored_key,
      .credential_id = webauthn_authenticated_credential_id(authenticated),
      .algorithm = webauthn_authenticated_algorithm(authenticated),
      .has_data = true,
      .sign_count = webauthn_authenticated_sign_count(authenticated),
      .flags = webauthn_authenticated_flags(authenticated),
  };
}

static error_code_t run_authentication(arena_t *arena, const verify_terms_t *terms,
                                       webauthn_verdict_t *verdict, verify_learnt_t *learnt)
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
  if (code == ERR_NONE)
    learn_authentication(authenticated, stored.public_key, learnt);
  else
    read_authentication(&response, stored.public_key, learnt);
  return code;
}

static error_code_t run(arena_t *arena, json_t *object, int64_t time_ms, webauthn_verdict_t *verdict,
                        verify_learnt_t *learnt)
{
  verify_terms_t terms;
  error_code_t code = verify_terms_parse(arena, object, time_ms, &terms, &verdict->detail);
  if (code == ERR_NONE)
    code = terms.is_registration ? run_registration(arena, &terms, verdict, learnt)
                                 : run_authentication(arena, &terms, verdict, learnt);
  if (code == ERR_NONE)
    verify_policy_note(json_object_get(object, "policy"), &verdict->detail);
  verify_terms_done(&terms);
  return code;
}

bytes_t verify_case_run(arena_t *arena, bytes_t line, int64_t time_ms)
{
  webauthn_verdict_t verdict = {.step = WEBAUTHN_STEP_NONE};
  verify_answer_t answer = {.code = ERR_NONE};
  CLEANUP(json_drop) json_t *object = NULL;
  answer.code = json_parse(line, &object);
  if (answer.code == ERR_MALFORMED)
    answer.code = error_because(&verdict.detail, ERR_MALFORMED,
                                "the line is not one JSON object in UTF-8, without duplicate members");
  answer.id = json_object_get(object, "id");
  if (answer.code == ERR_NONE)
    answer.code = run(arena, object, time_ms, &verdict, &answer.learnt);
  answer.step = verdict.step;
  answer.message = bytes_of_string(verdict.detail.text);
  return verify_answer_print(arena, &answer);
}

bytes_t verify_case_too_long(arena_t *arena)
{
  error_detail_t detail = {0};
  error_explain(&detail, "the line has more than %zu bytes", VERIFY_LINE_MAX);
  verify_answer_t answer = {.code = ERR_TOO_LARGE, .message = bytes_of_string(detail.text)};
  return verify_answer_print(arena, &answer);
}
