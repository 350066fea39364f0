#include "webauthn/client_data.h"

#include "base/encoding.h"
#include "base/json.h"

#define BYTE_ORDER_MARK BYTES_LITERAL("\xef\xbb\xbf")

/* Gone from the standard since L3, still sent by old browsers: when present, it must be what L2 §5.8.1 said.
 * Client software that is no browser writes null for none. */
static bool token_binding_is_sound(const json_t *object)
{
  const json_t *binding = json_object_get(object, "tokenBinding");
  if (binding == NULL || json_is_null(binding))
    return true;
  bytes_t status = BYTES_NONE, id = BYTES_NONE;
  if (!json_is_object(binding) || json_require_text(binding, "status", &status) != ERR_NONE ||
      json_get_text(binding, "id", &id) != ERR_NONE)
    return false;
  return bytes_equal_string(status, "present") || bytes_equal_string(status, "supported") ||
         bytes_equal_string(status, "not-supported");
}

static bytes_t without_byte_order_mark(bytes_t raw)
{
  bytes_t mark = BYTE_ORDER_MARK;
  if (raw.len >= mark.len && bytes_equal(bytes_of(raw.data, mark.len), mark))
    return bytes_of(raw.data + mark.len, raw.len - mark.len);
  return raw;
}

static error_code_t members_read(arena_t *arena, const json_t *object, client_data_t *data,
                                 error_detail_t *detail)
{
  bytes_t type, origin, top_origin, challenge;
  if (json_require_text(object, "type", &type) != ERR_NONE)
    return error_because(detail, ERR_CLIENT_DATA, "client data: type must be a text");
  if (json_require_text(object, "challenge", &challenge) != ERR_NONE)
    return error_because(detail, ERR_CLIENT_DATA, "client data: challenge must be a text");
  if (json_require_text(object, "origin", &origin) != ERR_NONE)
    return error_because(detail, ERR_CLIENT_DATA, "client data: origin must be a text");
  if (json_get_boolean(object, "crossOrigin", false, &data->cross_origin) != ERR_NONE)
    return error_because(detail, ERR_CLIENT_DATA, "client data: crossOrigin must be true or false");
  if (json_get_text(object, "topOrigin", &top_origin) != ERR_NONE)
    return error_because(detail, ERR_CLIENT_DATA, "client data: topOrigin must be a text");
  if (!token_binding_is_sound(object))
    return error_because(detail, ERR_CLIENT_DATA,
                         "client data: tokenBinding must be an object with a known status");
  error_code_t code = base64url_decode(arena, challenge, &data->challenge);
  if (code == ERR_NO_MEMORY)
    return code;
  if (code != ERR_NONE)
    return error_because(detail, ERR_CLIENT_DATA, "client data: challenge must be base64url without padding");
  data->has_top_origin = json_object_get(object, "topOrigin") != NULL;
  data->type = arena_copy(arena, type);
  data->origin = arena_copy(arena, origin);
  data->top_origin = arena_copy(arena, top_origin);
  bool copied =
      data->type.len == type.len && data->origin.len == origin.len && data->top_origin.len == top_origin.len;
  return copied ? ERR_NONE : ERR_NO_MEMORY;
}

static error_code_t object_read(bytes_t raw, json_t **ret_object)
{
  if (raw.len > CLIENT_DATA_MAX_LENGTH)
    return ERR_CLIENT_DATA;
  json_t *object = NULL;
  error_code_t code = json_parse(without_byte_order_mark(raw), &object);
  if (code == ERR_NONE && json_is_object(object)) {
    *ret_object = object;
    return ERR_NONE;
  }
  json_decref(object);
  return code == ERR_NO_MEMORY ? code : ERR_CLIENT_DATA;
}

error_code_t client_data_find_challenge(arena_t *arena, bytes_t raw, bytes_t *ret_challenge)
{
  CLEANUP(json_drop) json_t *object = NULL;
  error_code_t code = object_read(raw, &object);
  return code == ERR_NONE ? json_require_base64url(arena, object, "challenge", ret_challenge) : code;
}

error_code_t client_data_parse(arena_t *arena, bytes_t raw, client_data_t *ret_client_data,
                               error_detail_t *detail)
{
  if (raw.len > CLIENT_DATA_MAX_LENGTH)
    return error_because(detail, ERR_CLIENT_DATA, "client data has %zu bytes, at most %d are taken", raw.len,
                         CLIENT_DATA_MAX_LENGTH);
  CLEANUP(json_drop) json_t *object = NULL;
  error_code_t code = object_read(raw, &object);
  if (code == ERR_NO_MEMORY)
    return code;
  if (code != ERR_NONE)
    return error_because(detail, ERR_CLIENT_DATA,
                         "client data is not one JSON object without duplicate members");
  client_data_t data = {.raw = raw};
  code = members_read(arena, object, &data, detail);
  if (code == ERR_NONE)
    *ret_client_data = data;
  return code;
}
