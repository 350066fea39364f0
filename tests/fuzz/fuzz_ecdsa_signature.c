/* One signature has one encoding: what is read from one form and written in the other comes back the same. */
#include <stdlib.h>

#include "crypto/ecdsa_signature.h"
#include "fuzz.h"

static void check(signature_algorithm_t algorithm, bytes_t bytes)
{
  uint8_t der[ECDSA_DER_MAX], jose[ECDSA_JOSE_MAX];
  size_t der_len = sizeof(der), jose_len = sizeof(jose);
  if (ecdsa_signature_to_jose(algorithm, bytes, jose, &jose_len) == ERR_NONE) {
    if (ecdsa_signature_check_der(algorithm, bytes) != ERR_NONE ||
        ecdsa_signature_to_der(algorithm, bytes_of(jose, jose_len), der, &der_len) != ERR_NONE ||
        !bytes_equal(bytes_of(der, der_len), bytes))
      abort();
  } else if (ecdsa_signature_check_der(algorithm, bytes) == ERR_NONE) {
    abort();
  }
  if (ecdsa_signature_to_der(algorithm, bytes, der, &der_len) == ERR_NONE &&
      (ecdsa_signature_to_jose(algorithm, bytes_of(der, der_len), jose, &jose_len) != ERR_NONE ||
       !bytes_equal(bytes_of(jose, jose_len), bytes)))
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  check(SIGNATURE_ES256, bytes_of(data, size));
  check(SIGNATURE_ES384, bytes_of(data, size));
  check(SIGNATURE_ES512, bytes_of(data, size));
  check(SIGNATURE_ES256K, bytes_of(data, size));
  return 0;
}
