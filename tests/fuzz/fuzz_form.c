#include "fuzz.h"

#include "http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  arena_t *arena = arena_new(1024, 1024 * 1024);
  http_form_t *form;
  if (http_form_parse(arena, bytes_of(data, size), &form) == ERR_NONE) {
    (void)http_form_get(form, "client_id");
    (void)http_form_get(form, "");
  }
  arena_free(arena);
  return 0;
}
