#include "webauthn/attestation_formats.h"
#include "webauthn/attestation_statement.h"
#include "webauthn/certificate_chain.h"

#define COORDINATE_LENGTH 32 /* P-256 */
#define POINT_LENGTH (1 + 2 * COORDINATE_LENGTH)
#define VERIFICATION_DATA_MAX (1 + 32 + 32 + CREDENTIAL_ID_MAX_LENGTH + POINT_LENGTH)

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_ATTESTATION, "fido-u2f: %s", why);
}

/* U2F has no AAGUID. §8.6 does not look at it, but CTAP2 (U2F to CTAP2 mapping) makes it zero, and nothing
 * signs it: one that is not zero is an unsigned claim. */
static bool claims_no_model(const attestation_input_t *input)
{
  static const uint8_t ZERO[AAGUID_LENGTH];
  return input->rules.allow_u2f_aaguid || bytes_equal(input->data->aaguid, bytes_of(ZERO, sizeof(ZERO)));
}

/* §8.6 steps 4 and 5. */
static error_code_t build_verification_data(const attestation_input_t *input, builder_t *builder,
                                            error_detail_t *detail)
{
  uint8_t point[POINT_LENGTH];
  bytes_t key = public_key_point(input->credential_key, point, sizeof(point));
  if (public_key_algorithm(input->credential_key) != SIGNATURE_ES256 || key.len != POINT_LENGTH)
    return refuse(detail, "the credential key is not one of ES256");
  builder_add_u8(builder, 0);
  builder_add(builder, input->data->rp_id_hash);
  builder_add(builder, input->client_data_hash);
  builder_add(builder, input->data->credential_id);
  builder_add(builder, key);
  return builder->failed ? refuse(detail, "the credential id is too long") : ERR_NONE;
}

error_code_t attestation_u2f_verify(const attestation_input_t *input, attestation_finding_t *ret_finding,
                                    error_detail_t *detail)
{
  attestation_statement_t statement;
  error_code_t code = attestation_statement_parse("fido-u2f", input->statement, STATEMENT_SIG | STATEMENT_X5C,
                                                  0, &statement, detail);
  if (code != ERR_NONE)
    return code;
  if (statement.chain.count != 1)
    return refuse(detail, "x5c must have exactly one certificate");
  if (!claims_no_model(input))
    return refuse(detail, "the AAGUID must be zero");
  CLEANUP(certificate_chain_done) certificate_chain_t chain = {.count = 0};
  code = certificate_chain_read(&statement.chain, &chain, detail);
  if (code != ERR_NONE)
    return code;
  X509 *certificate = chain.certificates[0];
  uint8_t memory[VERIFICATION_DATA_MAX];
  builder_t builder = builder_over(memory, sizeof(memory));
  code = build_verification_data(input, &builder, detail);
  if (code != ERR_NONE)
    return code;
  code = certificate_verify_signature("fido-u2f", certificate, SIGNATURE_ES256, builder_bytes(&builder),
                                      statement.signature, detail);
  if (code != ERR_NONE)
    return code;
  code = certificate_chain_check(&chain, input->time_ms, detail);
  if (code == ERR_NONE)
    *ret_finding = (attestation_finding_t){
        .type = ATTESTATION_BASIC, .algorithm = SIGNATURE_ES256, .chain = statement.chain};
  return code;
}
