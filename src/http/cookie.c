/* Cookies (RFC 6265): every Cookie field is read, names may occur more than once. */
#include <string.h>

#include "http/internal.h"

#define ATTRIBUTES_MAX 96

typedef bool cookie_visit_t(void *context, bytes_t name, bytes_t value);

static bytes_t unquoted(bytes_t value)
{
  if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
    return bytes_of(value.data + 1, value.len - 2);
  return value;
}

static size_t find(bytes_t text, uint8_t c)
{
  size_t i = 0;
  while (i < text.len && text.data[i] != c)
    i++;
  return i;
}

static bool each_pair(bytes_t text, cookie_visit_t *visit, void *context)
{
  while (text.len > 0) {
    size_t end = find(text, ';');
    bytes_t pair = http_trim(bytes_of(text.data, end));
    size_t equals = find(pair, '=');
    if (equals > 0 && equals < pair.len &&
        !visit(context, http_trim(bytes_of(pair.data, equals)),
               unquoted(http_trim(bytes_of(pair.data + equals + 1, pair.len - equals - 1)))))
      return false;
    size_t taken = end < text.len ? end + 1 : end;
    text = bytes_of(text.data + taken, text.len - taken);
  }
  return true;
}

void http_request_each_cookie(http_request_t *request, cookie_visit_t *visit, void *context)
{
  if (request->inner.running) {
    (void)each_pair(request->inner.seen.cookies, visit, context);
    return;
  }
  for (size_t i = 0; i < request->fields.count; i++)
    if (http_text_is(request->fields.items[i].name, "Cookie") &&
        !each_pair(request->fields.items[i].value, visit, context))
      return;
}

typedef struct wanted_cookie {
  const char *name;
  size_t count;
  bytes_t value;
} wanted_cookie_t;

static bool collect(void *context, bytes_t name, bytes_t value)
{
  wanted_cookie_t *wanted = context;
  if (bytes_equal_string(name, wanted->name)) {
    wanted->value = value;
    wanted->count++;
  }
  return true;
}

size_t http_request_cookie(http_request_t *request, const char *name, bytes_t *ret_value)
{
  wanted_cookie_t wanted = {.name = name};
  http_request_each_cookie(request, collect, &wanted);
  *ret_value = wanted.count == 1 ? wanted.value : BYTES_NONE;
  return wanted.count;
}

static bool is_cookie_value(bytes_t value)
{
  for (size_t i = 0; i < value.len; i++) {
    uint8_t c = value.data[i];
    if (c <= 0x20 || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\')
      return false;
  }
  return true;
}

void http_reply_cookie(http_request_t *request, const char *name, bytes_t value, int64_t max_age_s,
                       unsigned flags)
{
  builder_t text = arena_builder(request->arena, strlen(name) + value.len + ATTRIBUTES_MAX);
  builder_add_string(&text, name);
  builder_add_u8(&text, '=');
  builder_add(&text, value);
  builder_add_string(&text, "; Path=/; HttpOnly");
  if ((flags & HTTP_COOKIE_ANY_SITE) == 0)
    builder_add_string(&text, (flags & HTTP_COOKIE_STRICT) != 0 ? "; SameSite=Strict" : "; SameSite=Lax");
  if (max_age_s >= 0) {
    builder_add_string(&text, "; Max-Age=");
    builder_add_decimal(&text, max_age_s);
  }
  if ((flags & HTTP_COOKIE_SECURE) != 0)
    builder_add_string(&text, "; Secure");
  builder_add_u8(&text, '\0');
  if (text.failed || !is_cookie_value(value))
    request->reply.broken = true;
  else
    http_reply_header(request, "Set-Cookie", (const char *)builder_bytes(&text).data);
}
