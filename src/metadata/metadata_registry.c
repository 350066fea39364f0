#include "metadata/metadata_registry.h"

typedef struct row {
  const char *name;
  uint32_t bit;
} row_t;

static const row_t ATTESTATION_TYPES[] = {
    {"basic_full", REGISTRY_BASIC_FULL}, {"basic_surrogate", REGISTRY_BASIC_SURROGATE},
    {"attca", REGISTRY_ATTCA},           {"anonca", REGISTRY_ANONCA},
    {"ecdaa", REGISTRY_ECDAA},           {"none", REGISTRY_NONE}};

static const row_t KEY_PROTECTIONS[] = {{"software", REGISTRY_SOFTWARE},
                                        {"hardware", REGISTRY_HARDWARE},
                                        {"tee", REGISTRY_TEE},
                                        {"secure_element", REGISTRY_SECURE_ELEMENT},
                                        {"remote_handle", REGISTRY_REMOTE_HANDLE}};

typedef struct algorithm_row {
  const char *name;
  signature_algorithm_t algorithm;
} algorithm_row_t;

static const algorithm_row_t ALGORITHMS[] = {
    {"secp256r1_ecdsa_sha256_raw", SIGNATURE_ES256},  {"secp256r1_ecdsa_sha256_der", SIGNATURE_ES256},
    {"secp384r1_ecdsa_sha384_raw", SIGNATURE_ES384},  {"secp521r1_ecdsa_sha512_raw", SIGNATURE_ES512},
    {"secp256k1_ecdsa_sha256_raw", SIGNATURE_ES256K}, {"secp256k1_ecdsa_sha256_der", SIGNATURE_ES256K},
    {"ed25519_eddsa_sha512_raw", SIGNATURE_EDDSA},    {"ed448_eddsa_sha512_raw", SIGNATURE_ED448},
    {"rsassa_pss_sha256_raw", SIGNATURE_PS256},       {"rsassa_pss_sha256_der", SIGNATURE_PS256},
    {"rsassa_pss_sha384_raw", SIGNATURE_PS384},       {"rsassa_pss_sha512_raw", SIGNATURE_PS512},
    {"rsassa_pkcsv15_sha256_raw", SIGNATURE_RS256},   {"rsa_emsa_pkcs1_sha256_raw", SIGNATURE_RS256},
    {"rsa_emsa_pkcs1_sha256_der", SIGNATURE_RS256},   {"rsassa_pkcsv15_sha384_raw", SIGNATURE_RS384},
    {"rsassa_pkcsv15_sha512_raw", SIGNATURE_RS512},   {"rsassa_pkcsv15_sha1_raw", SIGNATURE_RS1},
};

/* COSE has two numbers for some of them: RFC 9864 names curve and hash together. */
static const struct {
  signature_algorithm_t algorithm, same_as;
} ALIASES[] = {{SIGNATURE_ESP256, SIGNATURE_ES256},
               {SIGNATURE_ESP384, SIGNATURE_ES384},
               {SIGNATURE_ESP512, SIGNATURE_ES512},
               {SIGNATURE_ED25519, SIGNATURE_EDDSA}};

#define ROWS(table) (sizeof(table) / sizeof *(table))
_Static_assert(ROWS(ALGORITHMS) < 31, "a bit for each, and one for the unknown");

static uint32_t find(const row_t *rows, size_t count, bytes_t name)
{
  for (size_t i = 0; i < count; i++)
    if (bytes_equal_string(name, rows[i].name))
      return rows[i].bit;
  return REGISTRY_UNKNOWN;
}

uint32_t registry_attestation_type(bytes_t name)
{
  return find(ATTESTATION_TYPES, ROWS(ATTESTATION_TYPES), name);
}

uint32_t registry_key_protection(bytes_t name)
{
  return find(KEY_PROTECTIONS, ROWS(KEY_PROTECTIONS), name);
}

uint32_t registry_algorithm_of_cose(int64_t algorithm)
{
  for (size_t i = 0; i < ROWS(ALIASES); i++)
    if (ALIASES[i].algorithm == algorithm)
      algorithm = ALIASES[i].same_as;
  for (size_t i = 0; i < ROWS(ALGORITHMS); i++)
    if (ALGORITHMS[i].algorithm == algorithm)
      return 1U << i; /* the first row of the algorithm stands for it */
  return 0;
}

uint32_t registry_algorithm(bytes_t name)
{
  for (size_t i = 0; i < ROWS(ALGORITHMS); i++)
    if (bytes_equal_string(name, ALGORITHMS[i].name))
      return registry_algorithm_of_cose(ALGORITHMS[i].algorithm);
  return REGISTRY_UNKNOWN;
}
