#include <stdlib.h>

#include "fuzz.h"
#include "webauthn/client_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  arena_t *arena = arena_new(4096, 1 << 20);
  client_data_t parsed;
  error_detail_t detail = {""};
  error_code_t code = client_data_parse(arena, bytes_of(data, size), &parsed, &detail);
  if (code == ERR_NONE && (parsed.raw.len != size || size > CLIENT_DATA_MAX_LENGTH || parsed.type.len > size))
    abort();
  if (code != ERR_NONE && code != ERR_NO_MEMORY && detail.text[0] == '\0')
    abort();
  arena_free(arena);
  return 0;
}
