#include "authority/request_path.h"

#include <string.h>

#include "base/text.h"

/* pchar of RFC 3986 §3.3 without '%' and ';' ("/admin;a=/public" is one path to some servers and another to
 * others). */
static bool is_plain(uint8_t c)
{
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
    return true;
  return c != '\0' && strchr("-._~!$&'()*+,=:@", c) != NULL;
}

/* What an escape may stand for: no control character, and nothing that would mean structure once decoded. */
static bool may_be_escaped(uint8_t c)
{
  return c > 0x20 ? c != 0x7f && strchr("/\\;%?#", c) == NULL : c == 0x20;
}

static int hex_value(uint8_t c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static error_code_t decode_segment(arena_t *arena, bytes_t raw, bytes_t *ret_segment)
{
  builder_t out = arena_builder(arena, raw.len);
  for (size_t i = 0; i < raw.len; i++) {
    uint8_t c = raw.data[i];
    if (c == '%') {
      int high = i + 2 < raw.len ? hex_value(raw.data[i + 1]) : -1;
      int low = i + 2 < raw.len ? hex_value(raw.data[i + 2]) : -1;
      if (high < 0 || low < 0)
        return ERR_PATH;
      c = (uint8_t)(high << 4 | low);
      i += 2;
      if (!may_be_escaped(c))
        return ERR_PATH;
    } else if (!is_plain(c)) {
      return ERR_PATH;
    }
    builder_add_u8(&out, c);
  }
  bytes_t segment = builder_bytes(&out);
  if (out.failed)
    return ERR_NO_MEMORY;
  if (!text_is_utf8(segment) || bytes_equal_string(segment, ".") || bytes_equal_string(segment, ".."))
    return ERR_PATH;
  *ret_segment = segment;
  return ERR_NONE;
}

static bytes_t without_query(bytes_t target)
{
  const uint8_t *mark = target.len > 0 ? memchr(target.data, '?', target.len) : NULL;
  return mark != NULL ? bytes_of(target.data, (size_t)(mark - target.data)) : target;
}

static error_code_t split(arena_t *arena, bytes_t raw, request_path_t *path)
{
  size_t from = 1;
  while (from < raw.len) {
    const uint8_t *slash = memchr(raw.data + from, '/', raw.len - from);
    size_t to = slash != NULL ? (size_t)(slash - raw.data) : raw.len;
    if (to == from || path->count == REQUEST_PATH_SEGMENTS)
      return ERR_PATH;
    error_code_t code =
        decode_segment(arena, bytes_of(raw.data + from, to - from), &path->segments[path->count]);
    if (code != ERR_NONE)
      return code;
    path->count++;
    path->trailing_slash = slash != NULL && to + 1 == raw.len;
    from = to + 1;
  }
  return ERR_NONE;
}

error_code_t request_path_parse(arena_t *arena, bytes_t target, request_path_t *ret_path)
{
  if (target.len > REQUEST_PATH_LENGTH * 4 ||
      (target.len > 0 && memchr(target.data, '#', target.len) != NULL))
    return ERR_PATH;
  request_path_t path = {.raw = without_query(target)};
  if (path.raw.len == 0 || path.raw.len > REQUEST_PATH_LENGTH || path.raw.data[0] != '/')
    return ERR_PATH;
  error_code_t code = split(arena, path.raw, &path);
  if (code == ERR_NONE)
    *ret_path = path;
  return code;
}
