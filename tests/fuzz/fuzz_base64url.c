/* Whatever decodes encodes to the very same text: one text for one value. */
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  arena_t *arena = arena_new(4096, (size_t)1 << 24);
  bytes_t text = bytes_of(data, size);
  bytes_t bytes;
  if (arena == NULL)
    abort();
  if (base64url_decode(arena, text, &bytes) == ERR_NONE) {
    uint8_t *memory = arena_alloc(arena, bytes.len);
    char *again = base64url_encode(arena, bytes);
    if (again == NULL || memory == NULL || !bytes_equal_string(text, again))
      abort();
    if (base64url_decode_exact(text, memory, bytes.len) != ERR_NONE ||
        !bytes_equal(bytes_of(memory, bytes.len), bytes))
      abort();
  }
  if (hex_decode(arena, text, &bytes) == ERR_NONE && strlen(hex_encode(arena, bytes)) != size)
    abort();
  arena_free(arena);
  return 0;
}
