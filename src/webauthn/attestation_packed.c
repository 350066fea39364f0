#include "webauthn/attestation_formats.h"
#include "webauthn/attestation_statement.h"
#include "webauthn/certificate_chain.h"

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_ATTESTATION, "packed: %s", why);
}

static error_code_t verify_self(const attestation_input_t *input, const attestation_statement_t *statement,
                                error_detail_t *detail)
{
  if (statement->algorithm != (int64_t)public_key_algorithm(input->credential_key))
    return refuse(detail, "alg is not that of the credential key");
  if (public_key_verify(input->credential_key, input->signed_data, statement->signature) != ERR_NONE)
    return refuse(detail, "the signature does not verify with the credential key");
  return ERR_NONE;
}

static error_code_t verify_certified(const attestation_input_t *input,
                                     const attestation_statement_t *statement, error_detail_t *detail)
{
  CLEANUP(certificate_chain_done) certificate_chain_t chain = {.count = 0};
  error_code_t code = certificate_chain_read(&statement->chain, &chain, detail);
  if (code != ERR_NONE)
    return code;
  X509 *certificate = chain.certificates[0];
  code = certificate_verify_signature("packed", certificate, statement->algorithm, input->signed_data,
                                      statement->signature, detail);
  if (code != ERR_NONE)
    return code;
  code = certificate_check_packed(certificate, input->data->aaguid,
                                  input->rules.allow_missing_basic_constraints, detail);
  if (code != ERR_NONE)
    return code;
  return certificate_chain_check(&chain, input->time_ms, detail);
}

error_code_t attestation_packed_verify(const attestation_input_t *input, attestation_finding_t *ret_finding,
                                       error_detail_t *detail)
{
  attestation_statement_t statement;
  error_code_t code = attestation_statement_parse("packed", input->statement, STATEMENT_ALG | STATEMENT_SIG,
                                                  STATEMENT_X5C, &statement, detail);
  if (code != ERR_NONE)
    return code;
  bool is_self = (statement.members & STATEMENT_X5C) == 0;
  code = is_self ? verify_self(input, &statement, detail) : verify_certified(input, &statement, detail);
  if (code == ERR_NONE)
    *ret_finding = (attestation_finding_t){.type = is_self ? ATTESTATION_SELF : ATTESTATION_BASIC,
                                           .algorithm = statement.algorithm,
                                           .chain = statement.chain};
  return code;
}
