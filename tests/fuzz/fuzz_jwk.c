/* Keys from strangers: what parses is a public key that can be written, and read again as the same. */
#include <stdlib.h>

#include "crypto/jwk.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  CLEANUP(json_drop) json_t *jwk = NULL, *written = NULL;
  CLEANUP(public_key_drop) public_key_t *key = NULL, *again = NULL;
  if (json_parse(bytes_of(data, size), &jwk) != ERR_NONE || jwk_parse(jwk, &key) != ERR_NONE)
    return 0;
  written = jwk_build(key, "k");
  if (written == NULL || jwk_parse(written, &again) != ERR_NONE ||
      !public_key_equals(key, public_key_evp(again)))
    abort();
  return 0;
}
