/* One attestation certificate through every check that a format asks; a chain of it alone and of it twice. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "fuzz.h"
#include "webauthn/certificate.h"
#include "webauthn/certificate_aik.h"
#include "webauthn/certificate_chain.h"

#define MUST(condition)                                                                                      \
  do {                                                                                                       \
    if (!(condition))                                                                                        \
      abort();                                                                                               \
  } while (0)

static void check(bytes_t der, X509 *certificate)
{
  static const attestation_rules_t RULES = {.tpm_any_vendor = true, .allow_missing_basic_constraints = true};
  static const char *const OIDS[] = {"1.3.6.1.4.1.45724.1.1.4", "1.2.840.113635.100.8.2",
                                     "1.3.6.1.4.1.11129.2.1.17"};
  bytes_t aaguid = BYTES_LITERAL("soft-authenticat");
  error_detail_t detail = {""};
  if (certificate_check_packed(certificate, aaguid, false, &detail) == ERR_NONE)
    MUST(X509_check_ca(certificate) == 0 && X509_get_version(certificate) == X509_VERSION_3);
  if (certificate_check_aik(certificate, aaguid, &RULES, &detail) == ERR_NONE)
    MUST(X509_get_version(certificate) == X509_VERSION_3);
  for (size_t i = 0; i < sizeof(OIDS) / sizeof(OIDS[0]); i++) {
    certificate_extension_t extension;
    if (certificate_find_extension(certificate, OIDS[i], &extension, &detail) == ERR_NONE && !extension.found)
      MUST(extension.value.len == 0);
  }
  attestation_chain_t once = {.certificates = {der}, .count = 1},
                      twice = {.certificates = {der, der}, .count = 2};
  CLEANUP(certificate_chain_done) certificate_chain_t chain, refused;
  MUST(certificate_chain_read(&once, &chain, &detail) == ERR_NONE);
  (void)!certificate_chain_check(&chain, INT64_C(1790000000000), &detail);
  MUST(certificate_chain_read(&twice, &refused, &detail) == ERR_ATTESTATION_CERTIFICATE);
  MUST(certificate_verify_signature("fuzz", certificate, -7, der, der, &detail) != ERR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  CLEANUP(x509_drop) X509 *certificate = NULL;
  error_detail_t detail = {""};
  bytes_t der = bytes_of(data, size);
  error_code_t code = certificate_parse(der, &certificate, &detail);
  MUST((code == ERR_NONE) == (certificate != NULL));
  if (certificate != NULL)
    check(der, certificate);
  ERR_clear_error();
  return 0;
}
