#include <openssl/x509v3.h>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "crypto/jws.h"
#include "webauthn/attestation_formats.h"
#include "webauthn/attestation_statement.h"
#include "webauthn/certificate_chain.h"

#define HOST_NAME "attest.android.com"
#define RESPONSE_AGE_MAX_MS 60000

_Static_assert(JWS_CERTIFICATES_MAX <= ATTESTATION_CHAIN_MAX, "a chain has room for them");

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_ATTESTATION, "android-safetynet: %s", why);
}

static error_code_t check_signature(const attestation_input_t *input, const jws_t *jws,
                                    const attestation_chain_t *encoded, error_detail_t *detail)
{
  CLEANUP(certificate_chain_done) certificate_chain_t chain = {.count = 0};
  error_code_t code = certificate_chain_read(encoded, &chain, detail);
  if (code != ERR_NONE)
    return code;
  X509 *certificate = chain.certificates[0];
  unsigned flags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  if (X509_check_host(certificate, HOST_NAME, 0, flags, NULL) != 1)
    return refuse(detail, "the certificate is not for " HOST_NAME);
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  if (public_key_from_evp(jws->algorithm, X509_get0_pubkey(certificate), &key) != ERR_NONE ||
      jws_verify(jws, key) != ERR_NONE)
    return refuse(detail, "the response's signature does not verify with its certificate's key");
  return certificate_chain_check(&chain, input->time_ms, detail);
}

/* §8.5: the nonce; and by the service's own documentation, to which it sends, that the device is one of known
 * profile and the response of now. */
static error_code_t check_payload(const attestation_input_t *input, const json_t *payload,
                                  error_detail_t *detail)
{
  sha256_t hash;
  error_code_t code = hash_sha256(input->signed_data, &hash);
  if (code != ERR_NONE)
    return code;
  const char *expected = base64_encode(input->arena, hash_bytes(&hash));
  bytes_t nonce = BYTES_NONE;
  bool matches = false;
  int64_t time_ms = 0;
  if (expected == NULL)
    return ERR_NO_MEMORY;
  if (json_get_text(payload, "nonce", &nonce) != ERR_NONE || !bytes_equal_string(nonce, expected))
    return refuse(detail, "nonce is not the hash of what was attested");
  if (json_get_boolean(payload, "ctsProfileMatch", false, &matches) != ERR_NONE || !matches)
    return refuse(detail, "ctsProfileMatch is not true");
  if (input->rules.safetynet_any_time)
    return ERR_NONE;
  if (json_get_integer(payload, "timestampMs", 0, &time_ms) != ERR_NONE || time_ms > input->time_ms ||
      time_ms < input->time_ms - RESPONSE_AGE_MAX_MS)
    return refuse(detail, "timestampMs is not of the last minute");
  return ERR_NONE;
}

error_code_t attestation_safetynet_verify(const attestation_input_t *input,
                                          attestation_finding_t *ret_finding, error_detail_t *detail)
{
  attestation_statement_t statement;
  if (!input->rules.allow_safetynet)
    return error_because(detail, ERR_ATTESTATION_FORMAT,
                         "attestation format android-safetynet is not supported: its service has ended");
  error_code_t code = attestation_statement_parse("android-safetynet", input->statement,
                                                  STATEMENT_VER | STATEMENT_RESPONSE, 0, &statement, detail);
  if (code != ERR_NONE)
    return code;
  if (statement.version.len == 0)
    return refuse(detail, "ver is empty");
  CLEANUP(jws_done) jws_t jws = {0};
  jws_certificates_t certificates;
  code = jws_parse_certified(input->arena, statement.response, &jws, &certificates);
  if (code != ERR_NONE)
    return code == ERR_NO_MEMORY ? code : refuse(detail, "the response is no compact JWS with certificates");
  for (size_t i = 0; i < certificates.count; i++)
    statement.chain.certificates[i] = certificates.der[i];
  statement.chain.count = certificates.count;
  code = check_payload(input, jws.payload, detail);
  if (code == ERR_NONE)
    code = check_signature(input, &jws, &statement.chain, detail);
  if (code == ERR_NONE)
    *ret_finding = (attestation_finding_t){
        .type = ATTESTATION_BASIC, .algorithm = jws.algorithm, .chain = statement.chain};
  return code;
}
