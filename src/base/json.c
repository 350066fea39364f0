#include "base/json.h"

#include "base/encoding.h"
#include "base/json_read.h"
#include "base/secret.h"

void json_seed(void)
{
  uint32_t seed = 0;
  while (seed == 0) /* which jansson takes for "choose one" */
    random_fill(&seed, sizeof seed);
  json_object_seed(seed);
}

error_code_t json_parse(bytes_t text, json_t **ret_value)
{
  return json_read(text, ret_value);
}

error_code_t json_get_text(const json_t *object, const char *name, bytes_t *ret_text)
{
  const json_t *member = json_object_get(object, name);
  if (member != NULL && !json_is_string(member))
    return ERR_MALFORMED;
  *ret_text = bytes_of(json_string_value(member), json_string_length(member));
  return ERR_NONE;
}

error_code_t json_require_text(const json_t *object, const char *name, bytes_t *ret_text)
{
  if (json_object_get(object, name) == NULL)
    return ERR_MALFORMED;
  return json_get_text(object, name, ret_text);
}

error_code_t json_get_integer(const json_t *object, const char *name, int64_t fallback, int64_t *ret_value)
{
  const json_t *member = json_object_get(object, name);
  if (member != NULL && !json_is_integer(member))
    return ERR_MALFORMED;
  *ret_value = member != NULL ? json_integer_value(member) : fallback;
  return ERR_NONE;
}

error_code_t json_require_integer(const json_t *object, const char *name, int64_t *ret_value)
{
  if (json_object_get(object, name) == NULL)
    return ERR_MALFORMED;
  return json_get_integer(object, name, 0, ret_value);
}

error_code_t json_get_boolean(const json_t *object, const char *name, bool fallback, bool *ret_value)
{
  const json_t *member = json_object_get(object, name);
  if (member != NULL && !json_is_boolean(member))
    return ERR_MALFORMED;
  *ret_value = member != NULL ? json_is_true(member) : fallback;
  return ERR_NONE;
}

error_code_t json_get_object(const json_t *object, const char *name, json_t **ret_borrowed)
{
  json_t *member = json_object_get(object, name);
  if (member != NULL && !json_is_object(member))
    return ERR_MALFORMED;
  *ret_borrowed = member;
  return ERR_NONE;
}

error_code_t json_get_array(const json_t *object, const char *name, json_t **ret_borrowed)
{
  json_t *member = json_object_get(object, name);
  if (member != NULL && !json_is_array(member))
    return ERR_MALFORMED;
  *ret_borrowed = member;
  return ERR_NONE;
}

error_code_t json_get_base64url(arena_t *arena, const json_t *object, const char *name, bytes_t *ret_bytes)
{
  bytes_t text;
  error_code_t code = json_get_text(object, name, &text);
  if (code != ERR_NONE)
    return code;
  if (text.data != NULL)
    return base64url_decode(arena, text, ret_bytes);
  *ret_bytes = BYTES_NONE;
  return ERR_NONE;
}

error_code_t json_require_base64url(arena_t *arena, const json_t *object, const char *name,
                                    bytes_t *ret_bytes)
{
  if (json_object_get(object, name) == NULL)
    return ERR_MALFORMED;
  return json_get_base64url(arena, object, name, ret_bytes);
}

bool json_set_text(json_t *object, const char *name, bytes_t text)
{
  const char *data = text.len > 0 ? (const char *)text.data : "";
  return json_object_set_new(object, name, json_stringn(data, text.len)) == 0;
}

bool json_set_string(json_t *object, const char *name, const char *text)
{
  if (text == NULL)
    return true;
  return json_set_text(object, name, bytes_of_string(text));
}

bool json_set_integer(json_t *object, const char *name, int64_t value)
{
  return json_object_set_new(object, name, json_integer(value)) == 0;
}

bool json_set_boolean(json_t *object, const char *name, bool value)
{
  return json_object_set_new(object, name, json_boolean(value)) == 0;
}

bool json_set_base64url(json_t *object, const char *name, bytes_t bytes)
{
  arena_t *arena = arena_new(BASE64URL_LENGTH(bytes.len) + 32, SIZE_MAX);
  if (arena == NULL)
    return false;
  bool set = json_set_text(object, name, bytes_of_string(base64url_encode(arena, bytes)));
  arena_free(arena);
  return set;
}

char *json_print(arena_t *arena, const json_t *value, bytes_t *ret_text)
{
  const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
  size_t len = json_dumpb(value, NULL, 0, flags);
  char *text = len == 0 ? NULL : arena_alloc(arena, len + 1);
  if (text == NULL || json_dumpb(value, text, len, flags) != len)
    return NULL;
  if (ret_text != NULL)
    *ret_text = bytes_of(text, len);
  return text;
}
