/* Raw keys and points of every curve: what the checks pass, OpenSSL takes as a key. */
#include <stdlib.h>

#include "crypto/ed25519_point.h"
#include "crypto/ed448_point.h"
#include "crypto/public_key.h"
#include "fuzz.h"

static void check(signature_algorithm_t algorithm, bytes_t bytes, bool is_point)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  error_code_t code =
      is_point ? public_key_from_point(algorithm, bytes, &key) : public_key_from_raw(algorithm, bytes, &key);
  if ((code == ERR_NONE) != (key != NULL) || (key != NULL && public_key_algorithm(key) != algorithm))
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  bytes_t bytes = bytes_of(data, size);
  check(SIGNATURE_ES256, bytes, true);
  check(SIGNATURE_ES384, bytes, true);
  check(SIGNATURE_ES512, bytes, true);
  check(SIGNATURE_ES256K, bytes, true);
  check(SIGNATURE_EDDSA, bytes, false);
  check(SIGNATURE_ED448, bytes, false);
  if (ed25519_point_check(bytes) == ERR_NONE && size != ED25519_KEY_LENGTH)
    abort();
  if (ed448_point_check(bytes) == ERR_NONE && size != ED448_KEY_LENGTH)
    abort();
  return 0;
}
