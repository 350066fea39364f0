#include "http/route.h"

#include <string.h>

#include "base/text.h"

static int hex_value(uint8_t c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

error_code_t http_percent_decode(arena_t *arena, bytes_t text, bool plus, bytes_t *ret_text)
{
  if (text.len == 0) {
    *ret_text = BYTES_NONE;
    return ERR_NONE;
  }
  uint8_t *out = arena_alloc(arena, text.len);
  if (out == NULL)
    return ERR_NO_MEMORY;
  size_t len = 0;
  for (size_t i = 0; i < text.len; i++) {
    uint8_t c = text.data[i];
    if (c == '%') {
      int high = i + 2 < text.len ? hex_value(text.data[i + 1]) : -1;
      int low = high >= 0 ? hex_value(text.data[i + 2]) : -1;
      if (low < 0)
        return ERR_MALFORMED;
      c = (uint8_t)(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus) {
      c = ' ';
    }
    out[len++] = c;
  }
  *ret_text = bytes_of(out, len);
  return ERR_NONE;
}

/* Takes "/segment" off the front; false at the end. */
static bool next_segment(bytes_t *path, bytes_t *ret_segment)
{
  if (path->len == 0 || path->data[0] != '/')
    return false;
  size_t end = 1;
  while (end < path->len && path->data[end] != '/')
    end++;
  *ret_segment = bytes_of(path->data + 1, end - 1);
  *path = bytes_of(path->data + end, path->len - end);
  return true;
}

static bool is_capture(bytes_t pattern)
{
  return pattern.len > 2 && pattern.data[0] == '{' && pattern.data[pattern.len - 1] == '}';
}

static void capture(http_match_t *match, bytes_t name, bytes_t value)
{
  if (match->count < HTTP_CAPTURES_MAX)
    match->captures[match->count++] = (http_capture_t){name, value};
}

/* Captures hold raw views until the route is settled. */
static bool path_fits(const char *pattern_text, bytes_t path, http_match_t *match)
{
  bytes_t pattern = bytes_of_string(pattern_text), expected, segment;
  match->count = 0;
  while (next_segment(&pattern, &expected)) {
    if (bytes_equal_string(expected, "**")) {
      capture(match, expected, path);
      return true;
    }
    if (!next_segment(&path, &segment))
      return false;
    if (is_capture(expected)) {
      if (segment.len == 0)
        return false;
      capture(match, bytes_of(expected.data + 1, expected.len - 2), segment);
    } else if (!bytes_equal(expected, segment)) {
      return false;
    }
  }
  return path.len == 0;
}

/* A decoded segment is a name: text without control characters that no file system or proxy would walk. */
static error_code_t decode_captures(arena_t *arena, http_match_t *match)
{
  for (size_t i = 0; i < match->count; i++) {
    http_capture_t *item = &match->captures[i];
    if (bytes_equal_string(item->name, "**"))
      continue;
    error_code_t code = http_percent_decode(arena, item->value, false, &item->value);
    if (code != ERR_NONE)
      return code;
    if (!text_is_printable(item->value, HTTP_TARGET_MAX) || bytes_equal_string(item->value, ".") ||
        bytes_equal_string(item->value, ".."))
      return ERR_MALFORMED;
  }
  return ERR_NONE;
}

static unsigned methods_of(const http_route_t *route)
{
  unsigned bit = 1u << route->method;
  return route->method == HTTP_GET && (route->flags & HTTP_NO_HEAD) == 0 ? bit | 1u << HTTP_HEAD : bit;
}

error_code_t http_route_find(arena_t *arena, const http_route_t *routes, size_t count, http_method_t method,
                             bytes_t path, http_match_t *ret_match)
{
  http_match_t match = {0};
  for (size_t i = 0; i < count; i++) {
    if (!path_fits(routes[i].path, path, &match))
      continue;
    unsigned methods = methods_of(&routes[i]);
    match.allowed |= methods;
    if (routes[i].method != HTTP_ANY && (methods & 1u << method) == 0)
      continue;
    match.route = &routes[i];
    error_code_t code = decode_captures(arena, &match);
    *ret_match = match;
    return code;
  }
  match.count = 0;
  *ret_match = match;
  return match.allowed != 0 ? ERR_METHOD : ERR_NOT_FOUND;
}
