#include <stdlib.h>

#include "fuzz.h"
#include "webauthn/key_description.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  key_description_t key;
  if (key_description_parse(bytes_of(data, size), &key) != ERR_NONE)
    return 0;
  const uint8_t *challenge = key.challenge.data;
  if (key.challenge.len > size || challenge < data || challenge + key.challenge.len > data + size)
    abort();
  return 0;
}
