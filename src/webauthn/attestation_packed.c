#include "crypto/cbor_walk.h"
#include "webauthn/attestation_formats.h"
#include "webauthn/certificate.h"

typedef struct packed_statement {
  int64_t algorithm;
  bytes_t signature;
  attestation_chain_t chain;
  bool has_algorithm, has_signature, has_chain;
} packed_statement_t;

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_ATTESTATION, "packed: %s", why);
}

static error_code_t read_chain(reader_t *reader, attestation_chain_t *chain, error_detail_t *detail)
{
  cbor_value_t array = cbor_read(reader);
  if (array.kind != CBOR_KIND_ARRAY || array.value == 0 || array.value > ATTESTATION_CHAIN_MAX)
    return refuse(detail, "x5c is not an array of 1 to 8 certificates");
  for (uint64_t i = 0; i < array.value; i++) {
    cbor_value_t certificate = cbor_read(reader);
    if (certificate.kind != CBOR_KIND_BYTES || certificate.string.len == 0)
      return refuse(detail, "an element of x5c is not a byte string, or empty");
    chain->certificates[chain->count++] = certificate.string;
  }
  return ERR_NONE;
}

static error_code_t read_member(reader_t *reader, const cbor_value_t *key, packed_statement_t *statement,
                                error_detail_t *detail)
{
  if (cbor_value_is_text(key, "x5c")) {
    statement->has_chain = true;
    return read_chain(reader, &statement->chain, detail);
  }
  cbor_value_t value = cbor_read(reader);
  if (cbor_value_is_text(key, "alg")) {
    statement->has_algorithm = cbor_value_integer(&value, &statement->algorithm);
  } else if (cbor_value_is_text(key, "sig")) {
    statement->signature = value.string;
    statement->has_signature = value.kind == CBOR_KIND_BYTES;
  } else if (cbor_value_is_text(key, "ecdaaKeyId")) {
    return refuse(detail, "ECDAA is not supported");
  } else {
    return refuse(detail, "attStmt has a member that §8.2 does not know");
  }
  return ERR_NONE;
}

static error_code_t read_statement(bytes_t bytes, packed_statement_t *statement, error_detail_t *detail)
{
  reader_t reader = reader_over(bytes);
  cbor_value_t map = cbor_read(&reader);
  if (map.kind != CBOR_KIND_MAP)
    return refuse(detail, "attStmt is not a map");
  for (uint64_t i = 0; i < map.value; i++) {
    cbor_value_t key = cbor_read(&reader);
    error_code_t code = read_member(&reader, &key, statement, detail);
    if (code != ERR_NONE)
      return code;
  }
  if (!statement->has_algorithm)
    return refuse(detail, "alg is not an integer");
  if (!statement->has_signature)
    return refuse(detail, "sig is not a byte string");
  return ERR_NONE;
}

static error_code_t verify_self(const attestation_input_t *input, const packed_statement_t *statement,
                                error_detail_t *detail)
{
  if (statement->algorithm != (int64_t)public_key_algorithm(input->credential_key))
    return refuse(detail, "alg is not that of the credential key");
  if (public_key_verify(input->credential_key, input->signed_data, statement->signature) != ERR_NONE)
    return refuse(detail, "the signature does not verify with the credential key");
  return ERR_NONE;
}

static bool is_signature_algorithm(int64_t algorithm)
{
  return algorithm == SIGNATURE_ES256 || algorithm == SIGNATURE_ES384 || algorithm == SIGNATURE_EDDSA ||
         algorithm == SIGNATURE_RS256;
}

static error_code_t verify_certified(const attestation_input_t *input, const packed_statement_t *statement,
                                     error_detail_t *detail)
{
  if (!is_signature_algorithm(statement->algorithm))
    return error_because(detail, ERR_ALGORITHM, "packed: attestation algorithm %lld is not supported",
                         (long long)statement->algorithm);
  CLEANUP(x509_drop) X509 *certificate = NULL;
  error_code_t code = certificate_parse(statement->chain.certificates[0], &certificate, detail);
  if (code != ERR_NONE)
    return code;
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  if (public_key_from_evp((signature_algorithm_t)statement->algorithm, X509_get0_pubkey(certificate), &key) !=
      ERR_NONE)
    return refuse(detail, "the certificate's key is not of the algorithm that alg names");
  if (public_key_verify(key, input->signed_data, statement->signature) != ERR_NONE)
    return refuse(detail, "the signature does not verify with the certificate's key");
  code = certificate_check_packed(certificate, input->data->aaguid, input->allow_missing_basic_constraints,
                                  detail);
  if (code != ERR_NONE)
    return code;
  return certificate_check_chain(&statement->chain, input->time_ms, detail);
}

error_code_t attestation_packed_verify(const attestation_input_t *input, attestation_finding_t *ret_finding,
                                       error_detail_t *detail)
{
  packed_statement_t statement = {0};
  error_code_t code = read_statement(input->statement, &statement, detail);
  if (code != ERR_NONE)
    return code;
  code = statement.has_chain ? verify_certified(input, &statement, detail)
                             : verify_self(input, &statement, detail);
  if (code == ERR_NONE)
    *ret_finding = (attestation_finding_t){.type = statement.has_chain ? ATTESTATION_BASIC : ATTESTATION_SELF,
                                           .chain = statement.chain};
  return code;
}
