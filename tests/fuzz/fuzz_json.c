/* What is taken is within the bounds, prints, and is taken again as the same value. */
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"

static void check_taken(arena_t *arena, bytes_t text, const json_t *value)
{
  bytes_t printed;
  CLEANUP(json_drop) json_t *again = NULL;
  if (!text_is_utf8(text))
    abort();
  if (json_print(arena, value, &printed) == NULL || json_parse(printed, &again) != ERR_NONE ||
      json_equal(value, again) != 1)
    abort();
}

/* Getters answer ERR_NONE or ERR_MALFORMED for any object, and never read past what is there. */
static void read_members(arena_t *arena, const json_t *value)
{
  bytes_t bytes;
  int64_t number;
  bool flag;
  json_t *member;
  if (json_get_text(value, "a", &bytes) == ERR_NONE && bytes.data != NULL && !text_is_utf8(bytes))
    abort();
  (void)!json_get_base64url(arena, value, "a", &bytes);
  (void)!json_get_integer(value, "a", 0, &number);
  (void)!json_get_boolean(value, "a", false, &flag);
  (void)!json_get_object(value, "a", &member);
  (void)!json_get_array(value, "a", &member);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  arena_t *arena = arena_new(4096, (size_t)1 << 26);
  CLEANUP(json_drop) json_t *value = NULL;
  if (arena == NULL)
    abort();
  if (json_parse(bytes_of(data, size), &value) == ERR_NONE) {
    check_taken(arena, bytes_of(data, size), value);
    read_members(arena, value);
  }
  arena_free(arena);
  return 0;
}
