/* Key sets from an address outside: what is read has keys, each with at least an algorithm, and nothing
 * leaks. */
#include <stdlib.h>

#include "crypto/jwk_set.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  jwk_set_t set = {.count = 0};
  arena_t *arena = arena_new(4096, 1 << 20);
  if (arena == NULL)
    return 0;
  error_code_t error = jwk_set_parse(arena, bytes_of(data, size), NULL, &set);
  if ((error == ERR_NONE) != (set.count > 0) || set.count > JWK_SET_MAX)
    abort();
  for (size_t i = 0; i < set.count; i++)
    if (set.keys[i].key == NULL || !jwk_set_has(&set, set.keys[i].id))
      abort();
  jwk_set_done(&set);
  arena_free(arena);
  return 0;
}
