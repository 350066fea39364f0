#include "authority/detail_types.h"

#include <string.h>

#include "base/canonical_json.h"
#include "base/text.h"

#define SCALAR_MAX 64 /* of a number's or boolean's text */
#define ABSENT "-"    /* an optional member that was not sent */

static bool fits(const detail_schema_t *schema, const json_t *value);

static bool is_listed(const text_list_t *values, bytes_t text)
{
  for (size_t i = 0; i < values->count; i++)
    if (bytes_equal_string(text, values->items[i]))
      return true;
  return values->count == 0;
}

static int64_t count_characters(bytes_t text)
{
  int64_t count = 0;
  for (size_t i = 0; i < text.len; i++)
    count += (text.data[i] & 0xc0) != 0x80;
  return count;
}

static bool string_fits(const detail_schema_t *schema, const json_t *value)
{
  bytes_t text = bytes_of(json_string_value(value), json_string_length(value));
  return json_is_string(value) && text_is_printable(text, 4 * (size_t)schema->most_length) &&
         count_characters(text) <= schema->most_length && is_listed(&schema->values, text);
}

static bool integer_is_listed(const text_list_t *values, int64_t value)
{
  uint8_t memory[SCALAR_MAX];
  builder_t text = builder_over(memory, sizeof memory);
  builder_add_decimal(&text, value);
  return is_listed(values, builder_bytes(&text));
}

static bool number_fits(const detail_schema_t *schema, const json_t *value)
{
  double number = json_number_value(value);
  bool kind = schema->kind == DETAIL_INTEGER ? json_is_integer(value) : json_is_number(value);
  return kind && number >= schema->least && number <= schema->most &&
         (schema->kind == DETAIL_NUMBER || integer_is_listed(&schema->values, json_integer_value(value)));
}

static bool array_fits(const detail_schema_t *schema, const json_t *value)
{
  if (!json_is_array(value) || (int64_t)json_array_size(value) > schema->most_items)
    return false;
  for (size_t i = 0; i < json_array_size(value); i++)
    if (!fits(schema->members, json_array_get(value, i)))
      return false;
  return true;
}

/* beside: a member that is not the schema's to judge; NULL: none. */
static bool object_fits(const detail_schema_t *schema, const json_t *value, const char *beside)
{
  size_t found = beside != NULL && json_object_get(value, beside) != NULL ? 1 : 0;
  if (!json_is_object(value))
    return false;
  for (size_t i = 0; i < schema->member_count; i++) {
    const json_t *member = json_object_get(value, schema->members[i].name);
    if (member == NULL ? schema->members[i].required : !fits(&schema->members[i], member))
      return false;
    found += member != NULL;
  }
  return found == json_object_size(value); /* and no others */
}

static bool fits(const detail_schema_t *schema, const json_t *value)
{
  switch (schema->kind) {
  case DETAIL_STRING:
    return string_fits(schema, value);
  case DETAIL_INTEGER:
  case DETAIL_NUMBER:
    return number_fits(schema, value);
  case DETAIL_BOOLEAN:
    return json_is_boolean(value);
  case DETAIL_OBJECT:
    return object_fits(schema, value, NULL);
  case DETAIL_ARRAY:
    return array_fits(schema, value);
  }
  return false;
}

bool detail_type_fits(const config_detail_t *type, const json_t *detail)
{
  return type->schema.kind == DETAIL_OBJECT && object_fits(&type->schema, detail, "type");
}

/* --- words --- */

static error_code_t show_scalar(arena_t *arena, const json_t *value, builder_t *shown)
{
  bytes_t text = bytes_of(json_string_value(value), json_string_length(value));
  error_code_t error =
      json_is_string(value) ? ERR_NONE : canonical_json_print(arena, value, SCALAR_MAX, &text);
  builder_add(shown, text);
  return error;
}

static error_code_t show_value(arena_t *arena, const json_t *value, builder_t *shown)
{
  if (value == NULL) {
    builder_add_string(shown, ABSENT);
    return ERR_NONE;
  }
  if (!json_is_array(value))
    return show_scalar(arena, value, shown);
  error_code_t error = ERR_NONE;
  for (size_t i = 0; i < json_array_size(value) && error == ERR_NONE; i++) {
    builder_add_string(shown, i > 0 ? ", " : "");
    error = show_scalar(arena, json_array_get(value, i), shown);
  }
  return error;
}

static const json_t *find_value(arena_t *arena, const json_t *detail, bytes_t path)
{
  char *name = arena_string(arena, path);
  while (name != NULL && detail != NULL) {
    char *dot = strchr(name, '.');
    if (dot == NULL)
      return json_object_get(detail, name);
    *dot = '\0';
    detail = json_object_get(detail, name);
    name = dot + 1;
  }
  return NULL;
}

error_code_t detail_type_show(arena_t *arena, const char *pattern, const json_t *detail, builder_t *shown)
{
  while (*pattern != '\0') {
    size_t plain = strcspn(pattern, "{");
    builder_add(shown, bytes_of(pattern, plain));
    pattern += plain;
    if (*pattern == '\0')
      break;
    size_t len = strcspn(pattern + 1, "}"); /* closed: the configuration was checked */
    error_code_t error = show_value(arena, find_value(arena, detail, bytes_of(pattern + 1, len)), shown);
    if (error != ERR_NONE)
      return error;
    pattern += len + 1;
    pattern += *pattern == '}';
  }
  return ERR_NONE;
}
