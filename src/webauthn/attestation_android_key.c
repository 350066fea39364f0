#include "webauthn/attestation_formats.h"
#include "webauthn/attestation_statement.h"
#include "webauthn/certificate_chain.h"
#include "webauthn/key_description.h"

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_ATTESTATION, "android-key: %s", why);
}

/* What a list says must be right, whether or not the other one says it too. */
static bool is_generated_for_signing(const key_authorizations_t *list)
{
  return (!list->has_origin || list->origin == KEY_ORIGIN_GENERATED) &&
         (!list->has_purpose || list->purposes == UINT32_C(1) << KEY_PURPOSE_SIGN);
}

/* §8.4, the last step but one: the lists' union, or the hardware's alone. */
static error_code_t check_authorizations(const key_description_t *key, bool hardware_only,
                                         error_detail_t *detail)
{
  const key_authorizations_t *hardware = &key->hardware, *software = &key->software;
  if (hardware->all_applications || software->all_applications)
    return refuse(detail, "the key is for all applications, not for one RP ID");
  bool has_origin = hardware->has_origin || (!hardware_only && software->has_origin);
  bool has_purpose = hardware->has_purpose || (!hardware_only && software->has_purpose);
  if (!has_origin || !has_purpose)
    return refuse(detail, hardware_only ? "the hardware's list lacks origin or purpose"
                                        : "both lists lack origin or purpose");
  if (!is_generated_for_signing(hardware) || (!hardware_only && !is_generated_for_signing(software)))
    return refuse(detail, "the key was not generated in the keystore, or not for signing alone");
  return ERR_NONE;
}

static error_code_t check_key_description(const attestation_input_t *input, X509 *certificate,
                                          error_detail_t *detail)
{
  certificate_extension_t extension;
  error_code_t code = certificate_find_extension(certificate, KEY_DESCRIPTION_OID, &extension, detail);
  if (code != ERR_NONE)
    return code;
  key_description_t key;
  if (!extension.found)
    return refuse(detail, "the certificate has no key description");
  if (key_description_parse(extension.value, &key) != ERR_NONE)
    return refuse(detail, "the certificate's key description cannot be read");
  if (!bytes_equal(key.challenge, input->client_data_hash))
    return refuse(detail, "attestationChallenge is not the hash of the client data");
  return check_authorizations(&key, input->rules.android_hardware_only, detail);
}

error_code_t attestation_android_key_verify(const attestation_input_t *input,
                                            attestation_finding_t *ret_finding, error_detail_t *detail)
{
  attestation_statement_t statement;
  error_code_t code = attestation_statement_parse(
      "android-key", input->statement, STATEMENT_ALG | STATEMENT_SIG | STATEMENT_X5C, 0, &statement, detail);
  if (code != ERR_NONE)
    return code;
  CLEANUP(certificate_chain_done) certificate_chain_t chain = {.count = 0};
  code = certificate_chain_read(&statement.chain, &chain, detail);
  if (code != ERR_NONE)
    return code;
  X509 *certificate = chain.certificates[0];
  code = certificate_verify_signature("android-key", certificate, statement.algorithm, input->signed_data,
                                      statement.signature, detail);
  if (code != ERR_NONE)
    return code;
  if (!public_key_equals(input->credential_key, X509_get0_pubkey(certificate)))
    return refuse(detail, "the certificate's key is not the credential key");
  code = check_key_description(input, certificate, detail);
  if (code != ERR_NONE)
    return code;
  code = certificate_chain_check(&chain, input->time_ms, detail);
  if (code == ERR_NONE)
    *ret_finding = (attestation_finding_t){
        .type = ATTESTATION_BASIC, .algorithm = statement.algorithm, .chain = statement.chain};
  return code;
}
