#include <stdlib.h>

#include "crypto/cose_key.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  int64_t algorithm = 0;
  error_code_t code = cose_key_parse(bytes_of(data, size), &key, &algorithm, NULL);
  if ((code == ERR_NONE) != (key != NULL))
    abort();
  if (key != NULL && (public_key_algorithm(key) != algorithm ||
                      public_key_verify(key, bytes_of(data, size), bytes_of(data, size)) == ERR_NONE))
    abort();
  return 0;
}
