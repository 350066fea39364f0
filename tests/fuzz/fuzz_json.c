/* What is taken is within the bounds, prints, and is taken again as the same value; jansson's own reader
 * takes the same texts as the same values. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_read.h"
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

static size_t depth_of(const json_t *value)
{
  size_t deepest = 0, index;
  const char *name;
  json_t *part;
  json_object_foreach((json_t *)(uintptr_t)value, name, part)
  {
    size_t depth = depth_of(part);
    deepest = depth > deepest ? depth : deepest;
  }
  json_array_foreach(value, index, part)
  {
    size_t depth = depth_of(part);
    deepest = depth > deepest ? depth : deepest;
  }
  return deepest + (json_is_object(value) || json_is_array(value) ? 1 : 0);
}

/* value: what we made of the text, NULL for nothing. Jansson overlooks a NUL between two tokens. */
static void check_against_jansson(bytes_t text, const json_t *value)
{
  if (text.len > 0 && memchr(text.data, 0, text.len) != NULL)
    return;
  CLEANUP(json_drop)
  json_t *theirs =
      text.len > 0 ? json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL) : NULL;
  bool expected = theirs != NULL && depth_of(theirs) <= JSON_DEPTH_MAX;
  if (expected != (value != NULL) || (value != NULL && json_equal(value, theirs) != 1))
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
  check_against_jansson(bytes_of(data, size), value);
  arena_free(arena);
  return 0;
}
