#include "crypto/der.h"
#include "crypto/hash.h"
#include "webauthn/attestation_formats.h"
#include "webauthn/attestation_statement.h"
#include "webauthn/certificate_chain.h"

#define NONCE_OID "1.2.840.113635.100.8.2"
#define NONCE_TAG 1

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_ATTESTATION, "apple: %s", why);
}

/* SEQUENCE { [1] EXPLICIT OCTET STRING }; none when it has another form. */
static bytes_t nonce_of(bytes_t extension)
{
  reader_t outer = reader_over(extension);
  reader_t sequence = reader_over(der_take(&outer, DER_SEQUENCE));
  der_element_t tagged = der_read(&sequence);
  reader_t inner = reader_over(tagged.content);
  bytes_t nonce = der_take(&inner, DER_OCTET_STRING);
  bool whole = reader_done(&outer) && reader_done(&sequence) && reader_done(&inner);
  return whole && der_is(&tagged, DER_CONTEXT, NONCE_TAG, true) ? nonce : BYTES_NONE;
}

/* §8.8 steps 2 to 4. */
static error_code_t check_nonce(const attestation_input_t *input, X509 *certificate, error_detail_t *detail)
{
  sha256_t expected;
  error_code_t code = hash_sha256(input->signed_data, &expected);
  if (code != ERR_NONE)
    return code;
  certificate_extension_t extension;
  code = certificate_find_extension(certificate, NONCE_OID, &extension, detail);
  if (code != ERR_NONE)
    return code;
  if (!extension.found)
    return refuse(detail, "the certificate has no nonce");
  if (!bytes_equal(nonce_of(extension.value), hash_bytes(&expected)))
    return refuse(detail, "the certificate's nonce is not the hash of what was attested");
  return ERR_NONE;
}

error_code_t attestation_apple_verify(const attestation_input_t *input, attestation_finding_t *ret_finding,
                                      error_detail_t *detail)
{
  attestation_statement_t statement;
  /* §8.8 has x5c alone; devices still send the alg of the draft. Nothing is taken from it. */
  error_code_t code = attestation_statement_parse("apple", input->statement, STATEMENT_X5C, STATEMENT_ALG,
                                                  &statement, detail);
  if (code != ERR_NONE)
    return code;
  CLEANUP(certificate_chain_done) certificate_chain_t chain = {.count = 0};
  code = certificate_chain_read(&statement.chain, &chain, detail);
  if (code != ERR_NONE)
    return code;
  X509 *certificate = chain.certificates[0];
  code = check_nonce(input, certificate, detail);
  if (code != ERR_NONE)
    return code;
  if (!public_key_equals(input->credential_key, X509_get0_pubkey(certificate)))
    return refuse(detail, "the certificate's key is not the credential key");
  code = certificate_chain_check(&chain, input->time_ms, detail);
  if (code == ERR_NONE)
    *ret_finding = (attestation_finding_t){.type = ATTESTATION_ANON_CA, .chain = statement.chain};
  return code;
}
