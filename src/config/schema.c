/* The table of keys as a JSON Schema. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "config/keys.h"
#include "config/reference.h"

static json_t *schema_of(arena_t *arena, const config_key_t *key);

static void add_members(arena_t *arena, json_t *schema, const char *path)
{
  json_t *properties = json_object(), *required = json_array();
  for (size_t i = 0; i < config_key_count; i++) {
    const config_key_t *key = &config_keys[i];
    if (!config_key_is_below(key, path))
      continue;
    json_object_set_new(properties, config_key_name(key), schema_of(arena, key));
    if ((key->flags & KEY_REQUIRED) != 0)
      json_array_append_new(required, json_string(config_key_name(key)));
  }
  json_object_set_new(schema, "properties", properties);
  if (json_array_size(required) > 0)
    json_object_set_new(schema, "required", required);
  else
    json_decref(required);
  json_set_boolean(schema, "additionalProperties", false);
}

static void add_entries(arena_t *arena, json_t *schema, const config_key_t *key)
{
  bool list = key->type == KEY_LIST;
  json_object_set_new(schema, list ? "items" : "additionalProperties",
                      schema_of(arena, config_key_below(key)));
  if (key->least > 0)
    json_set_integer(schema, list ? "minItems" : "minProperties", key->least);
  json_set_integer(schema, list ? "maxItems" : "maxProperties", (int64_t)config_key_most(key));
}

static void add_choice(arena_t *arena, json_t *schema, const config_key_t *key)
{
  json_t *values = json_array();
  for (const char *at = key->allowed; at != NULL;) {
    const char *bar = strchr(at, '|');
    size_t len = bar != NULL ? (size_t)(bar - at) : strlen(at);
    json_array_append_new(values, json_stringn(at, len));
    at = bar != NULL ? bar + 1 : NULL;
  }
  json_object_set_new(schema, "enum", values);
}

static void add_type(arena_t *arena, json_t *schema, const config_key_t *key)
{
  static const char *const types[] = {
      [KEY_MAP] = "object",      [KEY_NAMED] = "object",    [KEY_LIST] = "array",
      [KEY_TEXT] = "string",     [KEY_CHOICE] = "string",   [KEY_BOOLEAN] = "boolean",
      [KEY_DURATION] = "string", [KEY_OPEN_MAP] = "object", [KEY_NUMBER] = "integer",
  };
  json_set_string(schema, "type", types[key->type]);
  if (key->type == KEY_MAP)
    add_members(arena, schema, key->path);
  if (key->type == KEY_NAMED || key->type == KEY_LIST)
    add_entries(arena, schema, key);
  if (key->type == KEY_CHOICE)
    add_choice(arena, schema, key);
  if (key->type == KEY_NUMBER) {
    json_set_integer(schema, "minimum", key->least);
    json_set_integer(schema, "maximum", key->most);
  }
  if (key->type == KEY_DURATION)
    json_set_string(schema, "pattern", "^[0-9]{1,9}[smhd]$");
  if (key->type == KEY_BOOLEAN && key->later != NULL)
    json_object_set_new(schema, "const", json_boolean(strcmp(key->later, "false") == 0));
  if (key->type == KEY_TEXT) {
    json_set_integer(schema, "minLength", 1);
    json_set_integer(schema, "maxLength", (int64_t)config_key_most(key));
  }
}

static json_t *schema_of(arena_t *arena, const config_key_t *key)
{
  json_t *schema = json_object();
  json_set_string(schema, "description", key->about);
  if ((key->flags & KEY_REFUSED) != 0) {
    json_object_set_new(schema, "not", json_object());
    return schema;
  }
  add_type(arena, schema, key);
  if (key->fallback != NULL && key->type == KEY_BOOLEAN)
    json_set_boolean(schema, "default", strcmp(key->fallback, "true") == 0);
  else if (key->fallback != NULL && key->type == KEY_NUMBER)
    json_set_integer(schema, "default", strtoll(key->fallback, NULL, 10));
  else if (key->fallback != NULL)
    json_set_string(schema, "default", key->fallback);
  return schema;
}

char *config_reference_schema(arena_t *arena)
{
  CLEANUP(json_drop) json_t *schema = json_object();
  json_set_string(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
  json_set_string(schema, "title", "sekisho.yaml");
  json_set_string(schema, "description", "Made from the table of keys; docs/configuration.md explains it.");
  json_set_string(schema, "type", "object");
  add_members(arena, schema, "");
  const size_t flags = JSON_INDENT(2);
  size_t len = json_dumpb(schema, NULL, 0, flags);
  char *text = len > 0 ? arena_alloc(arena, len + 2) : NULL;
  if (text == NULL || json_dumpb(schema, text, len, flags) != len)
    return NULL;
  text[len] = '\n';
  return text;
}
