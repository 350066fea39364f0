#include "http/message.h"

#include <string.h>
#include <strings.h>

bool http_text_is(bytes_t text, const char *word)
{
  size_t len = strlen(word);
  return text.len == len && (len == 0 || strncasecmp((const char *)text.data, word, len) == 0);
}

static bool is_blank(uint8_t c)
{
  return c == ' ' || c == '\t';
}

bytes_t http_trim(bytes_t text)
{
  while (text.len > 0 && is_blank(text.data[0]))
    text = bytes_of(text.data + 1, text.len - 1);
  while (text.len > 0 && is_blank(text.data[text.len - 1]))
    text.len--;
  return text;
}

size_t http_fields_find(const http_fields_t *fields, const char *name, bytes_t *ret_value)
{
  size_t found = 0;
  bytes_t value = BYTES_NONE;
  for (size_t i = 0; i < fields->count; i++) {
    if (!http_text_is(fields->items[i].name, name))
      continue;
    value = fields->items[i].value;
    found++;
  }
  *ret_value = found == 1 ? value : BYTES_NONE;
  return found;
}

/* RFC 9110 §5.6.2. */
static bool is_token(bytes_t text)
{
  for (size_t i = 0; i < text.len; i++) {
    uint8_t c = text.data[i];
    bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!alphanumeric && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL))
      return false;
  }
  return text.len > 0;
}

/* RFC 9110 §5.5: CR, LF and NUL make a value dangerous, other controls invalid. */
static bool is_field_value(bytes_t text)
{
  for (size_t i = 0; i < text.len; i++) {
    uint8_t c = text.data[i];
    if ((c < 0x20 && c != '\t') || c == 0x7f)
      return false;
  }
  return true;
}

static error_code_t length_parse(bytes_t text, size_t *ret_length)
{
  if (text.len == 0)
    return ERR_FRAMING;
  size_t length = 0;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < '0' || text.data[i] > '9')
      return ERR_FRAMING;
    if (length > SIZE_MAX / 16)
      return ERR_TOO_LARGE;
    length = length * 10 + (size_t)(text.data[i] - '0');
  }
  *ret_length = length;
  return ERR_NONE;
}

/* RFC 9112 §6.1 and §6.3: two statements about the length are an attack until shown otherwise. */
static error_code_t length_check(const http_fields_t *fields, int minor, http_framing_t *framing)
{
  bytes_t length, encoding;
  size_t lengths = http_fields_find(fields, "Content-Length", &length);
  size_t encodings = http_fields_find(fields, "Transfer-Encoding", &encoding);
  if (lengths > 1 || encodings > 1 || (lengths == 1 && encodings == 1))
    return ERR_FRAMING;
  if (encodings == 1) {
    if (minor == 0 || !http_text_is(encoding, "chunked"))
      return ERR_FRAMING;
    framing->chunked = true;
    return ERR_NONE;
  }
  return lengths == 1 ? length_parse(length, &framing->length) : ERR_NONE;
}

error_code_t http_framing_check(const http_fields_t *fields, int minor, http_framing_t *ret_framing)
{
  for (size_t i = 0; i < fields->count; i++)
    if (!is_token(fields->items[i].name) || !is_field_value(fields->items[i].value))
      return ERR_FRAMING;
  bytes_t host, expect;
  size_t hosts = http_fields_find(fields, "Host", &host);
  if (hosts > 1 || (hosts == 0 && minor > 0))
    return ERR_FRAMING;
  http_framing_t framing = {0};
  error_code_t code = length_check(fields, minor, &framing);
  if (code != ERR_NONE)
    return code;
  size_t expectations = http_fields_find(fields, "Expect", &expect);
  if (expectations > 1 || (expectations == 1 && !http_text_is(expect, "100-continue")))
    return ERR_EXPECTATION;
  framing.expects_continue = expectations == 1;
  *ret_framing = framing;
  return ERR_NONE;
}

static bool is_hexadecimal(uint8_t c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool http_chunk_framing_is_clean(bytes_t framing, bool continued)
{
  bool extension = continued;
  size_t digits = 0;
  for (size_t i = 0; i < framing.len; i++) {
    uint8_t c = framing.data[i];
    if (c == '\n') {
      if (i == 0 ? !continued : framing.data[i - 1] != '\r')
        return false;
      extension = false;
      digits = 0;
    } else if (c == '\r') {
      if (i + 1 < framing.len && framing.data[i + 1] != '\n')
        return false;
    } else if (c == ';') {
      extension = true;
    } else if (!extension && (!is_hexadecimal(c) || ++digits > 16)) {
      return false;
    }
  }
  return true;
}

/* The part of an absolute form behind "http://" or "https://"; empty for other schemes. */
static bytes_t without_scheme(bytes_t target)
{
  static const char *const schemes[] = {"http://", "https://"};
  for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
    size_t len = strlen(schemes[i]);
    if (target.len > len && http_text_is(bytes_of(target.data, len), schemes[i]))
      return bytes_of(target.data + len, target.len - len);
  }
  return BYTES_NONE;
}

static bool is_visible_without_fragment(bytes_t target)
{
  for (size_t i = 0; i < target.len; i++)
    if (target.data[i] <= 0x20 || target.data[i] >= 0x7f || target.data[i] == '#')
      return false;
  return target.len > 0;
}

static size_t index_of(bytes_t text, const char *any)
{
  size_t i = 0;
  while (i < text.len && strchr(any, text.data[i]) == NULL)
    i++;
  return i;
}

error_code_t http_target_parse(bytes_t target, http_target_t *ret_target)
{
  if (target.len > HTTP_TARGET_MAX)
    return ERR_TARGET_TOO_LONG;
  if (!is_visible_without_fragment(target))
    return ERR_MALFORMED;
  http_target_t result = {.path = target};
  if (target.data[0] != '/') {
    bytes_t rest = without_scheme(target);
    size_t end = index_of(rest, "/?");
    if (end == 0)
      return ERR_MALFORMED;
    result.authority = bytes_of(rest.data, end);
    result.path = bytes_of(rest.data + end, rest.len - end);
  }
  size_t mark = index_of(result.path, "?");
  if (mark < result.path.len) {
    result.query = bytes_of(result.path.data + mark + 1, result.path.len - mark - 1);
    result.path.len = mark;
  }
  if (result.path.len == 0)
    result.path = BYTES_LITERAL("/");
  *ret_target = result;
  return ERR_NONE;
}

bool http_media_type_is(bytes_t value, const char *type)
{
  size_t end = index_of(value, ";");
  if (!http_text_is(http_trim(bytes_of(value.data, end)), type))
    return false;
  if (end == value.len)
    return true;
  bytes_t parameter = http_trim(bytes_of(value.data + end + 1, value.len - end - 1));
  return http_text_is(parameter, "charset=utf-8") || http_text_is(parameter, "charset=\"utf-8\"");
}

static const char *const method_names[] = {
    [HTTP_GET] = "GET",     [HTTP_HEAD] = "HEAD",     [HTTP_POST] = "POST",       [HTTP_PUT] = "PUT",
    [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
};

http_method_t http_method_parse(bytes_t text)
{
  for (int method = HTTP_GET; method < HTTP_ANY; method++)
    if (bytes_equal_string(text, method_names[method]))
      return (http_method_t)method;
  return HTTP_ANY;
}

const char *http_method_name(http_method_t method)
{
  return method < HTTP_ANY ? method_names[method] : "*";
}
