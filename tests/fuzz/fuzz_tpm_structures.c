/* The first byte says which structure the others are. */
#include <stdlib.h>

#include "fuzz.h"
#include "webauthn/tpm_structures.h"

static void must_be_inside(bytes_t part, const uint8_t *data, size_t size)
{
  if (part.len > 0 && (part.data < data || part.len > size || part.data + part.len > data + size))
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  error_detail_t detail;
  if (size == 0)
    return 0;
  bytes_t bytes = bytes_of(data + 1, size - 1);
  tpm_public_t key;
  tpm_certify_t certify;
  if (data[0] == 'p' && tpm_public_parse(bytes, &key, &detail) == ERR_NONE) {
    must_be_inside(key.modulus, data, size);
    must_be_inside(key.x, data, size);
    must_be_inside(key.y, data, size);
  } else if (data[0] == 'c' && tpm_certify_parse(bytes, &certify, &detail) == ERR_NONE) {
    must_be_inside(certify.extra_data, data, size);
    must_be_inside(certify.name, data, size);
  }
  return 0;
}
