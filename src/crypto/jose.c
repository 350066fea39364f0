#include "crypto/jose.h"

typedef struct row {
  signature_algorithm_t algorithm;
  const char *name;
  const char *kty;
  const char *crv;
} row_t;

static const row_t TABLE[] = {
    {SIGNATURE_ES256, "ES256", "EC", "P-256"},
    {SIGNATURE_ES384, "ES384", "EC", "P-384"},
    {SIGNATURE_EDDSA, "EdDSA", "OKP", "Ed25519"},
    {SIGNATURE_RS256, "RS256", "RSA", NULL}, /* before PS256: an RSA key that does not say is for it */
    {SIGNATURE_PS256, "PS256", "RSA", NULL},
};

#define ROWS (sizeof TABLE / sizeof *TABLE)

static const row_t *row_of(signature_algorithm_t algorithm)
{
  size_t i = 0;
  while (i < ROWS - 1 && TABLE[i].algorithm != algorithm)
    i++;
  return &TABLE[i];
}

const char *jose_algorithm_name(signature_algorithm_t algorithm)
{
  return row_of(algorithm)->name;
}

const char *jose_key_type(signature_algorithm_t algorithm)
{
  return row_of(algorithm)->kty;
}

const char *jose_curve(signature_algorithm_t algorithm)
{
  return row_of(algorithm)->crv;
}

bool jose_algorithm_parse(bytes_t name, signature_algorithm_t *ret_algorithm)
{
  for (size_t i = 0; i < ROWS; i++) {
    if (bytes_equal_string(name, TABLE[i].name)) {
      *ret_algorithm = TABLE[i].algorithm;
      return true;
    }
  }
  return false;
}

bool jose_algorithm_of_key(bytes_t kty, bytes_t crv, signature_algorithm_t *ret_algorithm)
{
  for (size_t i = 0; i < ROWS; i++) {
    bool same_curve = TABLE[i].crv == NULL ? crv.data == NULL : bytes_equal_string(crv, TABLE[i].crv);
    if (same_curve && bytes_equal_string(kty, TABLE[i].kty)) {
      *ret_algorithm = TABLE[i].algorithm;
      return true;
    }
  }
  return false;
}

bool jose_algorithm_is_fapi(signature_algorithm_t algorithm)
{
  return algorithm == SIGNATURE_ES256 || algorithm == SIGNATURE_EDDSA || algorithm == SIGNATURE_PS256;
}
