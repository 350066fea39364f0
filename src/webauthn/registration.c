#include "webauthn/registration.h"

#include <openssl/err.h>

#include "crypto/cose_key.h"
#include "crypto/hash.h"

/* Made by finish() only, at the end of all steps. */
struct webauthn_registered {
  authenticator_data_t data;
  bytes_t client_data_json, attestation_object;
  signature_algorithm_t algorithm;
  const char *format;
  attestation_type_t attestation;
  attestation_trust_t trust;
  authenticator_attachment_t attachment;
  extension_outputs_t extensions;
  const char *transports[TRANSPORTS_MAX];
  size_t transport_count;
};

/* What the steps find out, one after the other. */
typedef struct ceremony {
  arena_t *arena;
  const webauthn_registration_terms_t *terms;
  const webauthn_registration_response_t *response;
  webauthn_verdict_t *verdict;
  client_data_t client_data;
  sha256_t client_data_hash;
  attestation_object_t object;
  authenticator_data_t data;
  extension_outputs_t extensions;
  public_key_t *key;
  const attestation_format_t *format;
  attestation_finding_t finding;
  attestation_trust_t trust;
} ceremony_t;

/* Says at which step a code from below ends the ceremony; the detail is there already. */
static error_code_t at(ceremony_t *ceremony, webauthn_step_t step, error_code_t code)
{
  if (code != ERR_NONE)
    ceremony->verdict->step = step;
  return code;
}

/* Steps 5 to 12: client data. */
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
  code = webauthn_site_check_client_data(ceremony->terms->site, "webauthn.create", ceremony->terms->challenge,
                                         &ceremony->client_data, ceremony->verdict);
  if (code != ERR_NONE)
    return code;
  return hash_sha256(ceremony->response->client_data_json, &ceremony->client_data_hash);
}

/* Step 13: the attestation object and the authenticator data in it. */
static error_code_t decode(ceremony_t *ceremony)
{
  error_detail_t *detail = &ceremony->verdict->detail;
  error_code_t code =
      attestation_object_parse(ceremony->response->attestation_object, &ceremony->object, detail);
  if (code != ERR_NONE)
    return at(ceremony, WEBAUTHN_STEP_ATTESTATION_OBJECT, code);
  code = authenticator_data_parse(ceremony->object.authenticator_data, &ceremony->data, detail);
  if (code != ERR_NONE)
    return at(ceremony, WEBAUTHN_STEP_AUTHENTICATOR_DATA, code);
  if ((ceremony->data.flags & AUTHENTICATOR_FLAG_AT) == 0)
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_AUTHENTICATOR_DATA, ERR_AUTHENTICATOR_DATA,
                           "AT is clear: a registration carries attested credential data; this may be the "
                           "authenticatorData of an authentication");
  return ERR_NONE;
}

/* Step 14. */
static error_code_t check_rp_id_hash(ceremony_t *ceremony)
{
  sha256_t expected;
  error_code_t code = hash_sha256(ceremony->terms->site->rp_id, &expected);
  if (code != ERR_NONE)
    return code;
  if (!bytes_equal(ceremony->data.rp_id_hash, hash_bytes(&expected)))
    return webauthn_site_refuse_rp_id_hash(ceremony->terms->site, ceremony->verdict);
  return ERR_NONE;
}

/* Step 18: eligibility as policy; step 19 has none at registration. */
static error_code_t check_backup_policy(ceremony_t *ceremony)
{
  if (ceremony->terms->refuse_backup_eligible && (ceremony->data.flags & AUTHENTICATOR_FLAG_BE) != 0)
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_BACKUP_ELIGIBILITY, ERR_BACKUP_ELIGIBLE,
                           "BE is set, and credentials that can be synced are not taken");
  return ERR_NONE;
}

static bool is_offered(const webauthn_registration_terms_t *terms, int64_t algorithm)
{
  for (size_t i = 0; i < terms->algorithm_count; i++)
    if (terms->algorithms[i] == algorithm)
      return true;
  return terms->algorithm_count == 0;
}

static error_code_t parse_key(ceremony_t *ceremony, int64_t *ret_algorithm)
{
  bytes_t key = ceremony->data.credential_key;
  error_detail_t *detail = &ceremony->verdict->detail;
  return ceremony->terms->allow_rs1 ? cose_key_parse_with_rs1(key, &ceremony->key, ret_algorithm, detail)
                                    : cose_key_parse(key, &ceremony->key, ret_algorithm, detail);
}

/* Step 20, and the key itself. */
static error_code_t check_algorithm(ceremony_t *ceremony)
{
  int64_t algorithm = 0;
  error_code_t code = parse_key(ceremony, &algorithm);
  if (code != ERR_NONE)
    return at(ceremony, WEBAUTHN_STEP_ALGORITHM, code);
  if (!is_offered(ceremony->terms, algorithm))
    return webauthn_refuse(
        ceremony->verdict, WEBAUTHN_STEP_ALGORITHM, ERR_ALGORITHM,
        "algorithm %d is none of the %zu offered: offer it in pubKeyCredParams, and expect "
        "what was offered",
        (int)algorithm, ceremony->terms->algorithm_count);
  return ERR_NONE;
}

/* Step 21. */
static error_code_t check_extensions(ceremony_t *ceremony)
{
  ceremony->extensions = ceremony->response->extensions;
  error_code_t code =
      extensions_judge(&ceremony->terms->extensions, EXTENSION_AT_CREATE, ceremony->data.extensions,
                       &ceremony->extensions, &ceremony->verdict->detail);
  return at(ceremony, WEBAUTHN_STEP_EXTENSIONS, code);
}

/* Steps 22 and 23. */
static error_code_t verify_statement(ceremony_t *ceremony)
{
  bytes_t name = ceremony->object.format;
  ceremony->format = attestation_format_find(name);
  if (ceremony->format == NULL)
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_ATTESTATION_FORMAT, ERR_ATTESTATION_FORMAT,
                           "attestation format %.*s is not supported (names are compared with case): ask for "
                           "attestation \"none\", "
                           "or for an authenticator with a format of Level 3",
                           (int)(name.len < 40 ? name.len : 40), (const char *)name.data);
  builder_t joined = arena_builder(ceremony->arena, ceremony->data.raw.len + SHA256_LENGTH);
  builder_add(&joined, ceremony->data.raw);
  builder_add(&joined, hash_bytes(&ceremony->client_data_hash));
  if (joined.failed)
    return ERR_NO_MEMORY;
  attestation_input_t input = {
      .arena = ceremony->arena,
      .statement = ceremony->object.statement,
      .data = &ceremony->data,
      .client_data_hash = hash_bytes(&ceremony->client_data_hash),
      .signed_data = builder_bytes(&joined),
      .credential_key = ceremony->key,
      .rp_id = ceremony->terms->site->rp_id,
      .time_ms = ceremony->terms->trust.time_ms,
      .rules = ceremony->terms->rules,
  };
  error_code_t code =
      attestation_format_verify(ceremony->format, &input, &ceremony->finding, &ceremony->verdict->detail);
  return at(ceremony,
            code == ERR_ATTESTATION_FORMAT ? WEBAUTHN_STEP_ATTESTATION_FORMAT
                                           : WEBAUTHN_STEP_ATTESTATION_STATEMENT,
            code);
}

/* Steps 24 and 25. */
static error_code_t judge_trust(ceremony_t *ceremony)
{
  const attestation_claim_t claim = {
      .aaguid = ceremony->data.aaguid,
      .format = ceremony->format->name,
      .finding = &ceremony->finding,
      .algorithm = public_key_algorithm(ceremony->key),
      .time_ms = ceremony->terms->trust.time_ms,
  };
  error_code_t code =
      attestation_trust_judge(&ceremony->terms->trust, &claim, &ceremony->trust, &ceremony->verdict->detail);
  return at(ceremony, WEBAUTHN_STEP_ATTESTATION_TRUST, code);
}

/* Step 26, and that the response speaks of the credential that the authenticator made. */
static error_code_t check_credential_id(ceremony_t *ceremony)
{
  bytes_t id = ceremony->data.credential_id;
  if (id.len == 0 || id.len > CREDENTIAL_ID_MAX_LENGTH)
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_CREDENTIAL_ID, ERR_CREDENTIAL_ID,
                           "the credential id has %zu bytes, 1 to %d are taken", id.len,
                           CREDENTIAL_ID_MAX_LENGTH);
  if (!bytes_equal(id, ceremony->response->id))
    return webauthn_refuse(ceremony->verdict, WEBAUTHN_STEP_CREDENTIAL_ID, ERR_CREDENTIAL_ID,
                           "id is not the credential id in the authenticator data: send both as the browser "
                           "made them");
  return ERR_NONE;
}

static error_code_t finish(const ceremony_t *ceremony, const webauthn_registered_t **ret_registered)
{
  webauthn_registered_t *registered = arena_alloc(ceremony->arena, sizeof(*registered));
  if (registered == NULL)
    return ERR_NO_MEMORY;
  *registered = (webauthn_registered_t){
      .data = ceremony->data,
      .client_data_json = ceremony->response->client_data_json,
      .attestation_object = ceremony->response->attestation_object,
      .algorithm = public_key_algorithm(ceremony->key),
      .format = ceremony->format->name,
      .attestation = ceremony->finding.type,
      .trust = ceremony->trust,
      .attachment = ceremony->response->attachment,
      .extensions = ceremony->extensions,
      .transport_count = ceremony->response->transport_count,
  };
  for (size_t i = 0; i < registered->transport_count; i++)
    registered->transports[i] = ceremony->response->transports[i];
  *ret_registered = registered;
  return ERR_NONE;
}

/* §7.1 in its order; step 27 is the store's. */
static error_code_t run(ceremony_t *ceremony)
{
  error_code_t code = check_client_data(ceremony);
  if (code != ERR_NONE)
    return code;
  code = decode(ceremony);
  if (code != ERR_NONE)
    return code;
  code = check_rp_id_hash(ceremony);
  if (code != ERR_NONE)
    return code;
  code = webauthn_site_check_flags(ceremony->terms->user, &ceremony->data, ceremony->verdict);
  if (code != ERR_NONE)
    return code;
  code = check_backup_policy(ceremony);
  if (code != ERR_NONE)
    return code;
  code = check_algorithm(ceremony);
  if (code != ERR_NONE)
    return code;
  code = check_extensions(ceremony);
  if (code != ERR_NONE)
    return code;
  code = verify_statement(ceremony);
  if (code != ERR_NONE)
    return code;
  code = judge_trust(ceremony);
  if (code != ERR_NONE)
    return code;
  return check_credential_id(ceremony);
}

error_code_t webauthn_registration_verify(arena_t *arena, const webauthn_registration_terms_t *terms,
                                          const webauthn_registration_response_t *response,
                                          webauthn_verdict_t *verdict,
                                          const webauthn_registered_t **ret_registered)
{
  *verdict = (webauthn_verdict_t){.step = WEBAUTHN_STEP_NONE};
  ceremony_t ceremony = {.arena = arena, .terms = terms, .response = response, .verdict = verdict};
  error_code_t code = run(&ceremony);
  if (code == ERR_NONE)
    code = finish(&ceremony, ret_registered);
  public_key_free(ceremony.key);
  ERR_clear_error(); /* of calls that failed on the way: the thread's next reader is another */
  return code;
}

bytes_t webauthn_registered_credential_id(const webauthn_registered_t *registered)
{
  return registered->data.credential_id;
}

bytes_t webauthn_registered_public_key(const webauthn_registered_t *registered)
{
  return registered->data.credential_key;
}

signature_algorithm_t webauthn_registered_algorithm(const webauthn_registered_t *registered)
{
  return registered->algorithm;
}

bytes_t webauthn_registered_aaguid(const webauthn_registered_t *registered)
{
  return registered->data.aaguid;
}

uint32_t webauthn_registered_sign_count(const webauthn_registered_t *registered)
{
  return registered->data.sign_count;
}

uint8_t webauthn_registered_flags(const webauthn_registered_t *registered)
{
  return registered->data.flags;
}

const char *webauthn_registered_format(const webauthn_registered_t *registered)
{
  return registered->format;
}

attestation_type_t webauthn_registered_attestation(const webauthn_registered_t *registered)
{
  return registered->attestation;
}

bool webauthn_registered_trusted(const webauthn_registered_t *registered)
{
  return registered->trust != ATTESTATION_UNTRUSTED;
}

attestation_trust_t webauthn_registered_trust(const webauthn_registered_t *registered)
{
  return registered->trust;
}

authenticator_attachment_t webauthn_registered_attachment(const webauthn_registered_t *registered)
{
  return registered->attachment;
}

const extension_outputs_t *webauthn_registered_extensions(const webauthn_registered_t *registered)
{
  return &registered->extensions;
}

size_t webauthn_registered_transports(const webauthn_registered_t *registered, const char *const **ret_names)
{
  *ret_names = registered->transports;
  return registered->transport_count;
}

bytes_t webauthn_registered_authenticator_data(const webauthn_registered_t *registered)
{
  return registered->data.raw;
}

bytes_t webauthn_registered_client_data_json(const webauthn_registered_t *registered)
{
  return registered->client_data_json;
}

bytes_t webauthn_registered_attestation_object(const webauthn_registered_t *registered)
{
  return registered->attestation_object;
}
