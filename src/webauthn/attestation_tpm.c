#include "webauthn/attestation_formats.h"
#include "webauthn/attestation_statement.h"
#include "webauthn/certificate_aik.h"
#include "webauthn/certificate_chain.h"
#include "webauthn/tpm_structures.h"

#define COORDINATE_MAX 66 /* P-521 */

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_ATTESTATION, "tpm: %s", why);
}

/* TPMs write numbers with or without zeros in front. */
static bytes_t without_zeros(bytes_t number)
{
  while (number.len > 0 && number.data[0] == 0)
    number = bytes_of(number.data + 1, number.len - 1);
  return number;
}

static void add_coordinate(builder_t *point, bytes_t coordinate, size_t width)
{
  coordinate = without_zeros(coordinate);
  for (size_t i = coordinate.len; i < width; i++)
    builder_add_u8(point, 0);
  builder_add(point, coordinate);
}

static error_code_t key_from_ecc(const tpm_public_t *area, signature_algorithm_t algorithm,
                                 public_key_t **ret_key)
{
  const signature_info_t *info = signature_info(algorithm);
  if (info == NULL || info->curve != area->curve)
    return ERR_KEY;
  uint8_t memory[1 + 2 * COORDINATE_MAX];
  builder_t point = builder_over(memory, sizeof(memory));
  builder_add_u8(&point, 0x04);
  add_coordinate(&point, area->x, info->width);
  add_coordinate(&point, area->y, info->width);
  return point.failed ? ERR_KEY : public_key_from_point(algorithm, builder_bytes(&point), ret_key);
}

static error_code_t key_from_rsa(const tpm_public_t *area, signature_algorithm_t algorithm,
                                 public_key_t **ret_key)
{
  uint8_t memory[4];
  builder_t exponent = builder_over(memory, sizeof(memory));
  builder_add_u32be(&exponent, area->exponent);
  bytes_t modulus = without_zeros(area->modulus);
  if (modulus.len * 8 != area->key_bits)
    return ERR_KEY;
  return public_key_from_rsa(algorithm, modulus, without_zeros(builder_bytes(&exponent)), ret_key);
}

/* §8.3: "the public key specified by the parameters and unique fields of pubArea is identical to the
 * credentialPublicKey". */
static error_code_t check_key(const tpm_public_t *area, const public_key_t *credential_key,
                              error_detail_t *detail)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  signature_algorithm_t algorithm = public_key_algorithm(credential_key);
  error_code_t code =
      area->is_rsa ? key_from_rsa(area, algorithm, &key) : key_from_ecc(area, algorithm, &key);
  if (code != ERR_NONE || !public_key_equals(credential_key, public_key_evp(key)))
    return refuse(detail, "pubArea is not of the credential key");
  return ERR_NONE;
}

/* The hash that the name is by: the public area's nameAlg. FIDO's conformance tools count the one that the
 * name itself begins with, which the standard does not. */
static uint16_t name_algorithm(const attestation_rules_t *rules, const tpm_public_t *area, bytes_t name)
{
  reader_t reader = reader_over(name);
  uint16_t own = reader_u16be(&reader);
  return rules->tpm_any_name_hash && tpm_digest_kind(own) != DIGEST_NONE ? own : area->name_algorithm;
}

/* Part 1 §16: an object's Name is its nameAlg and the hash of its public area. */
static error_code_t check_name(const attestation_rules_t *rules, const tpm_public_t *area, bytes_t pub_area,
                               bytes_t name, error_detail_t *detail)
{
  digest_t digest;
  uint16_t algorithm = name_algorithm(rules, area, name);
  error_code_t code = digest_of(tpm_digest_kind(algorithm), pub_area, &digest);
  if (code != ERR_NONE)
    return code;
  uint8_t memory[2 + DIGEST_MAX_LENGTH];
  builder_t expected = builder_over(memory, sizeof(memory));
  builder_add_u16be(&expected, algorithm);
  builder_add(&expected, digest_bytes(&digest));
  if (!bytes_equal(name, builder_bytes(&expected)))
    return refuse(detail, "certInfo's attested name is not that of pubArea");
  return ERR_NONE;
}

static error_code_t check_extra_data(const attestation_input_t *input, int64_t algorithm, bytes_t extra_data,
                                     error_detail_t *detail)
{
  const signature_info_t *info = signature_info(algorithm);
  digest_t digest;
  if (info == NULL || info->digest == DIGEST_NONE)
    return error_because(detail, ERR_ALGORITHM, "tpm: attestation algorithm %lld is not supported",
                         (long long)algorithm);
  error_code_t code = digest_of(info->digest, input->signed_data, &digest);
  if (code == ERR_NONE && !bytes_equal(extra_data, digest_bytes(&digest)))
    return refuse(detail, "certInfo's extraData is not the hash of what was attested");
  return code;
}

static error_code_t check_structures(const attestation_input_t *input,
                                     const attestation_statement_t *statement, error_detail_t *detail)
{
  tpm_public_t area;
  error_code_t code = tpm_public_parse(statement->pub_area, &area, detail);
  if (code != ERR_NONE)
    return code;
  code = check_key(&area, input->credential_key, detail);
  if (code != ERR_NONE)
    return code;
  tpm_certify_t certify;
  code = tpm_certify_parse(statement->cert_info, &certify, detail);
  if (code != ERR_NONE)
    return code;
  if (input->rules.refuse_sha1 && (statement->algorithm == SIGNATURE_RS1 || area.name_digest == DIGEST_SHA1))
    return error_because(detail, ERR_ALGORITHM, "tpm: attestations by SHA-1 are not wanted");
  code = check_extra_data(input, statement->algorithm, certify.extra_data, detail);
  return code == ERR_NONE ? check_name(&input->rules, &area, statement->pub_area, certify.name, detail)
                          : code;
}

static error_code_t check_certificate(const attestation_input_t *input,
                                      const attestation_statement_t *statement, error_detail_t *detail)
{
  CLEANUP(certificate_chain_done) certificate_chain_t chain = {.count = 0};
  error_code_t code = certificate_chain_read(&statement->chain, &chain, detail);
  X509 *certificate = chain.certificates[0];
  if (code == ERR_NONE)
    code = certificate_verify_tpm_signature("tpm", certificate, statement->algorithm, statement->cert_info,
                                            statement->signature, detail);
  if (code == ERR_NONE)
    code = certificate_check_aik(certificate, input->data->aaguid, &input->rules, detail);
  return code == ERR_NONE ? certificate_chain_check(&chain, input->time_ms, detail) : code;
}

error_code_t attestation_tpm_verify(const attestation_input_t *input, attestation_finding_t *ret_finding,
                                    error_detail_t *detail)
{
  attestation_statement_t statement;
  error_code_t code =
      attestation_statement_parse("tpm", input->statement, STATEMENT_TPM, 0, &statement, detail);
  if (code != ERR_NONE)
    return code;
  if (!bytes_equal_string(statement.version, "2.0"))
    return refuse(detail, "ver is not \"2.0\"");
  code = check_structures(input, &statement, detail);
  if (code == ERR_NONE)
    code = check_certificate(input, &statement, detail);
  if (code == ERR_NONE)
    *ret_finding = (attestation_finding_t){
        .type = ATTESTATION_ATT_CA, .algorithm = statement.algorithm, .chain = statement.chain};
  return code;
}
