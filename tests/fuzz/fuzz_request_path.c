/* The gateway check's path reader: whatever it accepts must mean one thing only. */
#include <stdlib.h>
#include <string.h>

#include "authority/request_path.h"
#include "fuzz.h"

static void must(bool condition)
{
  if (!condition)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  arena_t *arena = arena_new(4096, 1u << 20);
  request_path_t path;
  if (arena != NULL && request_path_parse(arena, bytes_of(data, size), &path) == ERR_NONE) {
    must(path.raw.len <= size && path.raw.data[0] == '/');
    for (size_t i = 0; i < path.count; i++) {
      bytes_t segment = path.segments[i];
      must(segment.len > 0 && memchr(segment.data, '/', segment.len) == NULL &&
           memchr(segment.data, '\0', segment.len) == NULL && !bytes_equal_string(segment, ".."));
    }
  }
  arena_free(arena);
  return 0;
}
