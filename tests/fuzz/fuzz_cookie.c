/* Cookie fields of any bytes: values lie inside, and one that is there twice is nobody's. */
#include <stdlib.h>

#include "fuzz.h"
#include "http/internal.h"

typedef struct seen {
  bytes_t field;
  size_t sessions;
} seen_t;

static bool look(void *context, bytes_t name, bytes_t value)
{
  seen_t *seen = context;
  if (name.len == 0 || (value.len > 0 && (value.data < seen->field.data ||
                                          value.data + value.len > seen->field.data + seen->field.len)))
    abort();
  seen->sessions += bytes_equal_string(name, "sekisho");
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  http_field_t field = {.name = BYTES_LITERAL("cookie"), .value = bytes_of(data, size)};
  http_request_t request = {.fields = {.items = &field, .count = 1}};
  seen_t seen = {.field = field.value};
  bytes_t value;
  http_request_each_cookie(&request, look, &seen);
  if (http_request_cookie(&request, "sekisho", &value) != seen.sessions ||
      (seen.sessions != 1 && value.len != 0))
    abort();
  return 0;
}
