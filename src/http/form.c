/* application/x-www-form-urlencoded, strictly. Not libmicrohttpd's post processor: CVE-2023-27371 and
 * CVE-2021-3466 were in it, and it cannot tell a parameter that is given twice. */
#include "http/http.h"

#include <string.h>

#include "base/text.h"
#include "http/route.h"

#define FORM_FIELDS_MAX 64

typedef struct form_field {
  bytes_t name, value;
} form_field_t;

struct http_form {
  size_t count;
  form_field_t fields[];
};

static bytes_t cut(bytes_t *text, uint8_t at)
{
  const uint8_t *end = text->len > 0 ? memchr(text->data, at, text->len) : NULL;
  bytes_t head = *text;
  if (end == NULL) {
    *text = BYTES_NONE;
    return head;
  }
  head.len = (size_t)(end - text->data);
  *text = bytes_of(end + 1, text->len - head.len - 1);
  return head;
}

static size_t pair_count(bytes_t text)
{
  size_t count = 1;
  for (size_t i = 0; i < text.len; i++)
    count += text.data[i] == '&';
  return count;
}

/* Raw bytes outside the printable ASCII range are never sent by anything that encodes. */
static bool is_encoded(bytes_t text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] <= 0x20 || text.data[i] >= 0x7f)
      return false;
  return true;
}

static bool has_name(const http_form_t *form, bytes_t name)
{
  for (size_t i = 0; i < form->count; i++)
    if (bytes_equal(form->fields[i].name, name))
      return true;
  return false;
}

static error_code_t add_pair(arena_t *arena, bytes_t pair, http_form_t *form)
{
  form_field_t field;
  bytes_t value = pair, raw_name = cut(&value, '=');
  error_code_t code = http_percent_decode(arena, raw_name, true, &field.name);
  if (code == ERR_NONE)
    code = http_percent_decode(arena, value, true, &field.value);
  if (code != ERR_NONE)
    return code;
  if (field.name.len == 0 || !text_is_utf8(field.name) || !text_is_utf8(field.value))
    return ERR_MALFORMED;
  if (has_name(form, field.name))
    return ERR_DUPLICATE_PARAMETER;
  form->fields[form->count++] = field;
  return ERR_NONE;
}

error_code_t http_form_parse(arena_t *arena, bytes_t text, http_form_t **ret_form)
{
  size_t pairs = pair_count(text);
  if (pairs > FORM_FIELDS_MAX || !is_encoded(text))
    return ERR_MALFORMED;
  http_form_t *form = arena_alloc(arena, sizeof(*form) + pairs * sizeof(form_field_t));
  if (form == NULL)
    return ERR_NO_MEMORY;
  while (text.len > 0) {
    bytes_t pair = cut(&text, '&');
    if (pair.len == 0)
      continue;
    error_code_t code = add_pair(arena, pair, form);
    if (code != ERR_NONE)
      return code;
  }
  *ret_form = form;
  return ERR_NONE;
}

bytes_t http_form_get(const http_form_t *form, const char *name)
{
  for (size_t i = 0; i < form->count; i++)
    if (bytes_equal_string(form->fields[i].name, name))
      return form->fields[i].value;
  return BYTES_NONE;
}

size_t http_form_count(const http_form_t *form)
{
  return form->count;
}

void http_form_at(const http_form_t *form, size_t index, bytes_t *ret_name, bytes_t *ret_value)
{
  *ret_name = form->fields[index].name;
  *ret_value = form->fields[index].value;
}

static bool is_unreserved(uint8_t c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

/* Percent-encodes everything that is not unreserved: good for queries and for form bodies. */
static void add_encoded(builder_t *builder, bytes_t text)
{
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < text.len; i++) {
    uint8_t c = text.data[i];
    if (is_unreserved(c)) {
      builder_add_u8(builder, c);
      continue;
    }
    builder_add_u8(builder, '%');
    builder_add_u8(builder, (uint8_t)digits[c >> 4]);
    builder_add_u8(builder, (uint8_t)digits[c & 15]);
  }
}

void http_form_add(builder_t *fields, bytes_t name, bytes_t value)
{
  if (value.len == 0)
    return;
  if (fields->len > 0)
    builder_add_string(fields, "&");
  add_encoded(fields, name);
  builder_add_string(fields, "=");
  add_encoded(fields, value);
}
