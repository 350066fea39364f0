#include "webauthn/authentication.h"

#include <openssl/err.h>

#include "crypto/cose_key.h"
#include "crypto/hash.h"
#include "webauthn/ownership.h"

/* Made by finish() only, at the end of all steps. */
struct webauthn_authenticated {
  authenticator_data_t data;
  bytes_t credential_id, user_handle, client_data_json, signature;
  signature_algorithm_t algorithm;
  authenticator_attachment_t attachment;
  extension_outputs_t extensions;
  bool count_is_stale;
};

/* What the steps find out, one after the other. */
typedef struct ceremony {
  arena_t *arena;
  const webauthn_authentication_terms_t *terms;
  const webauthn_authentication_response_t *response;
  webauthn_verdict_t *verdict;
  client_data_t client_data;
  authenticator_data_t data;
  extension_outputs_t extensions;
  signature_algorithm_t algorithm;
  bool count_is_stale;
} ceremony_t;

/* Says at which step a code from below ends the ceremony; the detail is there already. */
static error_code_t at(ceremony_t *ceremony, webauthn_step_t step, error_code_t code)
{
  if (code != ERR_NONE)
    ceremony->verdict->step = step;
  return code;
}

/* Step 5. */
static error_code_t check_allowed(ceremony_t *ceremony)
{
  const webauthn_authentication_terms_t *terms = ceremony->terms;
  for (size_t i = 0; i < terms->allow_credential_count; i++)
    if (bytes_equal(ceremony->response->id, terms->allow_credentials[i]))
      return ERR_NONE;
  if (terms->allow_credential_count == 0)
    return ERR_NONE;
  return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_ALLOW_CREDENTIALS, ERR_CREDENTIAL_NOT_ALLOWED,
                         "the credential is none of the %zu allowed: allowCredentials of the request must "
                         "list it, or the user took another",
                         terms->allow_credential_count);
}

/* Step 6: the record is that of the response's id, and its owner is the user. */
static error_code_t check_user(ceremony_t *ceremony)
{
  const webauthn_authentication_terms_t *terms = ceremony->terms;
  if (!bytes_equal(terms->credential->id, ceremony->response->id))
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_USER, ERR_CREDENTIAL_ID,
                           "the stored credential has another id than the response: look the record up by "
                           "the response's id");
  ownership_t ownership = ownership_decide(terms->user_handle, ceremony->response->user_handle,
                                           terms->credential->user_handle, terms->user_handle_optional);
  if (ownership != OWNERSHIP_PROVEN)
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_USER, ERR_USER_HANDLE, "%s",
                           ownership_words(ownership));
  return ERR_NONE;
}

/* Step 7. */
static error_code_t decode(ceremony_t *ceremony)
{
  error_code_t code = authenticator_data_parse(ceremony->response->authenticator_data, &ceremony->data,
                                               &ceremony->verdict->detail);
  return at(ceremony, WEBAUTHN_STEP_AUTHENTICATOR_DATA, code);
}

/* Steps 8 to 14. */
static error_code_t check_client_data(ceremony_t *ceremony)
{
  error_code_t code = ERR_NONE;
  if (ceremony->response->client_data != NULL)
    ceremony->client_data = *ceremony->response->client_data;
  else
    code = client_data_parse(ceremony->arena, ceremony->response->client_data_json, &ceremony->client_data,
                             &ceremony->verdict->detail);
  if (code != ERR_NONE)
    return at(ceremony, WEBAUTHN_STEP_CLIENT_DATA_JSON, code);
  return webauthn_site_check_client_data(ceremony->terms->site, "webauthn.get", ceremony->terms->challenge,
                                         &ceremony->client_data, ceremony->verdict);
}

/* Step 15, with the special case of §10.1.1: an authenticator of U2F times hashed the AppID. */
static error_code_t check_rp_id_hash(ceremony_t *ceremony)
{
  const webauthn_authentication_terms_t *terms = ceremony->terms;
  bool by_appid = ceremony->response->extensions.appid && terms->appid.len > 0;
  sha256_t rp_id, appid;
  error_code_t code = hash_sha256(terms->site->rp_id, &rp_id);
  if (code == ERR_NONE && by_appid)
    code = hash_sha256(terms->appid, &appid);
  if (code != ERR_NONE)
    return code;
  bool is_rp_id = bytes_equal(ceremony->data.rp_id_hash, hash_bytes(&rp_id));
  bool is_appid = by_appid && bytes_equal(ceremony->data.rp_id_hash, hash_bytes(&appid));
  if (is_appid || (is_rp_id && !(by_appid && terms->appid_strict)))
    return ERR_NONE;
  if (by_appid && is_rp_id)
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_RP_ID_HASH, ERR_RP_ID,
                           "appid is reported, but rpIdHash is that of the RP ID, not of the AppID");
  return webauthn_site_refuse_rp_id_hash(terms->site, ceremony->verdict);
}

/* Step 19: eligibility never changes, the state may where policy lets it. */
static error_code_t check_backup(ceremony_t *ceremony)
{
  const webauthn_stored_credential_t *credential = ceremony->terms->credential;
  bool eligible = (ceremony->data.flags & AUTHENTICATOR_FLAG_BE) != 0;
  bool backed_up = (ceremony->data.flags & AUTHENTICATOR_FLAG_BS) != 0;
  if (!credential->backup_eligible_unknown && eligible != credential->backup_eligible)
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_BACKUP_ELIGIBILITY, ERR_BACKUP_FLAGS,
                           "BE is %d, at registration it was %d: it never changes, so the record is another "
                           "credential's or was kept wrongly",
                           eligible, credential->backup_eligible);
  if (ceremony->terms->refuse_backup_change && backed_up != credential->backed_up)
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_BACKUP_ELIGIBILITY, ERR_BACKUP_STATE,
                           "BS is %d, and was %d before", backed_up, credential->backed_up);
  return ERR_NONE;
}

/* Step 20: an AppID that was not asked for cannot have been used. */
static error_code_t check_extensions(ceremony_t *ceremony)
{
  ceremony->extensions = ceremony->response->extensions;
  if (ceremony->extensions.appid && ceremony->terms->appid.len == 0)
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_EXTENSIONS, ERR_EXTENSION,
                           "the response reports appid, which was not asked for: ask for it, with the AppID "
                           "of U2F times, or leave such credentials out");
  error_code_t code =
      extensions_judge(&ceremony->terms->extensions, EXTENSION_AT_GET, ceremony->data.extensions,
                       &ceremony->extensions, &ceremony->verdict->detail);
  return at(ceremony, WEBAUTHN_STEP_EXTENSIONS, code);
}

/* Over the authenticator data and the hash of the client data, joined. */
static error_code_t check_signature(arena_t *arena, const public_key_t *key, bytes_t authenticator_data,
                                    bytes_t client_data_json, bytes_t signature)
{
  sha256_t hash;
  error_code_t code = hash_sha256(client_data_json, &hash);
  if (code != ERR_NONE)
    return code;
  builder_t joined = arena_builder(arena, authenticator_data.len + SHA256_LENGTH);
  builder_add(&joined, authenticator_data);
  builder_add(&joined, hash_bytes(&hash));
  if (joined.failed)
    return ERR_NO_MEMORY;
  return public_key_verify(key, builder_bytes(&joined), signature);
}

/* Steps 21 and 22. */
static error_code_t verify_signature(ceremony_t *ceremony)
{
  const webauthn_stored_credential_t *credential = ceremony->terms->credential;
  const public_key_t *key = credential->key;
  CLEANUP(public_key_drop) public_key_t *parsed = NULL;
  if (key == NULL) {
    int64_t algorithm = 0;
    error_detail_t *detail = &ceremony->verdict->detail;
    error_code_t code = ceremony->terms->allow_rs1
                            ? cose_key_parse_with_rs1(credential->public_key, &parsed, &algorithm, detail)
                            : cose_key_parse(credential->public_key, &parsed, &algorithm, detail);
    if (code != ERR_NONE)
      return at(ceremony, WEBAUTHN_STEP_SIGNATURE, code);
    key = parsed;
  }
  ceremony->algorithm = public_key_algorithm(key);
  error_code_t code = check_signature(ceremony->arena, key, ceremony->data.raw,
                                      ceremony->response->client_data_json, ceremony->response->signature);
  if (code == ERR_SIGNATURE)
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_SIGNATURE, ERR_SIGNATURE,
                           "the signature does not verify: the stored key is another credential's, or "
                           "authenticatorData or clientDataJSON are not the bytes that were signed");
  return at(ceremony, WEBAUTHN_STEP_SIGNATURE, code);
}

/* Step 23: a counter that is used at all must grow. */
static error_code_t check_sign_count(ceremony_t *ceremony)
{
  uint32_t stored = ceremony->terms->credential->sign_count, sent = ceremony->data.sign_count;
  if ((stored == 0 && sent == 0) || sent > stored)
    return ERR_NONE;
  ceremony->count_is_stale = true;
  if (ceremony->terms->stale_count_allowed)
    return ERR_NONE;
  return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_SIGN_COUNT, ERR_SIGN_COUNT,
                         "the counter is %u, and was %u before: the credential may have been copied, or an "
                         "old response is sent again",
                         sent, stored);
}

static error_code_t finish(const ceremony_t *ceremony, const webauthn_authenticated_t **ret_authenticated)
{
  webauthn_authenticated_t *authenticated = arena_alloc(ceremony->arena, sizeof(*authenticated));
  if (authenticated == NULL)
    return ERR_NO_MEMORY;
  *authenticated = (webauthn_authenticated_t){
      .data = ceremony->data,
      .credential_id = ceremony->terms->credential->id,
      .user_handle = ceremony->terms->credential->user_handle,
      .client_data_json = ceremony->response->client_data_json,
      .signature = ceremony->response->signature,
      .algorithm = ceremony->algorithm,
      .attachment = ceremony->response->attachment,
      .extensions = ceremony->extensions,
      .count_is_stale = ceremony->count_is_stale,
  };
  *ret_authenticated = authenticated;
  return ERR_NONE;
}

/* §7.2 in its order; step 24, the new counter and backup state, is the store's. */
static error_code_t run(ceremony_t *ceremony)
{
  error_code_t code = check_allowed(ceremony);
  if (code != ERR_NONE)
    return code;
  code = check_user(ceremony);
  if (code != ERR_NONE)
    return code;
  code = decode(ceremony);
  if (code != ERR_NONE)
    return code;
  code = check_client_data(ceremony);
  if (code != ERR_NONE)
    return code;
  code = check_rp_id_hash(ceremony);
  if (code != ERR_NONE)
    return code;
  code = webauthn_site_check_flags(ceremony->terms->user, &ceremony->data, ceremony->verdict);
  if (code != ERR_NONE)
    return code;
  code = check_backup(ceremony);
  if (code != ERR_NONE)
    return code;
  code = check_extensions(ceremony);
  if (code != ERR_NONE)
    return code;
  code = verify_signature(ceremony);
  if (code != ERR_NONE)
    return code;
  return check_sign_count(ceremony);
}

error_code_t webauthn_authentication_verify(arena_t *arena, const webauthn_authentication_terms_t *terms,
                                            const webauthn_authentication_response_t *response,
                                            webauthn_verdict_t *verdict,
                                            const webauthn_authenticated_t **ret_authenticated)
{
  *verdict = (webauthn_verdict_t){.step = WEBAUTHN_STEP_NONE};
  ceremony_t ceremony = {.arena = arena, .terms = terms, .response = response, .verdict = verdict};
  error_code_t code = run(&ceremony);
  ERR_clear_error(); /* of calls that failed on the way: the thread's next reader is another */
  if (code != ERR_NONE)
    return code;
  return finish(&ceremony, ret_authenticated);
}

bytes_t webauthn_authenticated_credential_id(const webauthn_authenticated_t *authenticated)
{
  return authenticated->credential_id;
}

bytes_t webauthn_authenticated_user_handle(const webauthn_authenticated_t *authenticated)
{
  return authenticated->user_handle;
}

signature_algorithm_t webauthn_authenticated_algorithm(const webauthn_authenticated_t *authenticated)
{
  return authenticated->algorithm;
}

uint32_t webauthn_authenticated_sign_count(const webauthn_authenticated_t *authenticated)
{
  return authenticated->data.sign_count;
}

uint8_t webauthn_authenticated_flags(const webauthn_authenticated_t *authenticated)
{
  return authenticated->data.flags;
}

bool webauthn_authenticated_count_is_stale(const webauthn_authenticated_t *authenticated)
{
  return authenticated->count_is_stale;
}

const extension_outputs_t *webauthn_authenticated_extensions(const webauthn_authenticated_t *authenticated)
{
  return &authenticated->extensions;
}

authenticator_attachment_t webauthn_authenticated_attachment(const webauthn_authenticated_t *authenticated)
{
  return authenticated->attachment;
}

bytes_t webauthn_authenticated_authenticator_data(const webauthn_authenticated_t *authenticated)
{
  return authenticated->data.raw;
}

bytes_t webauthn_authenticated_client_data_json(const webauthn_authenticated_t *authenticated)
{
  return authenticated->client_data_json;
}

bytes_t webauthn_authenticated_signature(const webauthn_authenticated_t *authenticated)
{
  return authenticated->signature;
}
