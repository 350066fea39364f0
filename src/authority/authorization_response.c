#include "authority/authorization_response.h"

#include <string.h>

#define FIXED_ROOM 1024 /* a code, or the longest sentence of the error table, encoded */

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

static void add_field(builder_t *fields, const char *name, bytes_t value)
{
  if (value.len == 0)
    return;
  if (fields->len > 0)
    builder_add_string(fields, "&");
  builder_add_string(fields, name);
  builder_add_string(fields, "=");
  add_encoded(fields, value);
}

static error_code_t add_query(arena_t *arena, bytes_t uri, bytes_t fields, bytes_t *ret_address)
{
  bool has_query = memchr(uri.data, '?', uri.len) != NULL;
  builder_t address = arena_builder(arena, uri.len + 1 + fields.len);
  builder_add(&address, uri);
  if (fields.len > 0)
    builder_add_string(&address, has_query ? "&" : "?");
  builder_add(&address, fields);
  if (address.failed)
    return ERR_NO_MEMORY;
  *ret_address = builder_bytes(&address);
  return ERR_NONE;
}

error_code_t authorization_response_address(arena_t *arena, bytes_t uri, bytes_t state, bytes_t *ret_address)
{
  builder_t fields = arena_builder(arena, 16 + 3 * state.len);
  add_field(&fields, "state", state);
  return fields.failed ? ERR_NO_MEMORY : add_query(arena, uri, builder_bytes(&fields), ret_address);
}

static error_code_t respond(arena_t *arena, const authorization_target_t *target, bytes_t fields,
                            handoff_answer_t *ret_answer)
{
  handoff_answer_t answer = {.outcome = HANDOFF_RESPOND};
  if (target->form_post) {
    answer.form_action = target->redirect_uri;
    answer.form_fields = fields;
  } else {
    error_code_t error = add_query(arena, target->redirect_uri, fields, &answer.location);
    if (error != ERR_NONE)
      return error;
  }
  *ret_answer = answer;
  return ERR_NONE;
}

static builder_t fields_begin(arena_t *arena, const char *issuer, const authorization_target_t *target)
{
  return arena_builder(arena, FIXED_ROOM + 3 * (target->state.len + strlen(issuer)));
}

static error_code_t fields_end(arena_t *arena, const char *issuer, const authorization_target_t *target,
                               builder_t *fields, handoff_answer_t *ret_answer)
{
  add_field(fields, "state", target->state);
  add_field(fields, "iss", bytes_of_string(issuer));
  return fields->failed ? ERR_NO_MEMORY : respond(arena, target, builder_bytes(fields), ret_answer);
}

error_code_t authorization_response_code(arena_t *arena, const char *issuer,
                                         const authorization_target_t *target, bytes_t code,
                                         handoff_answer_t *ret_answer)
{
  builder_t fields = fields_begin(arena, issuer, target);
  add_field(&fields, "code", code);
  return fields_end(arena, issuer, target, &fields, ret_answer);
}

error_code_t authorization_response_error(arena_t *arena, const char *issuer,
                                          const authorization_target_t *target, error_code_t refusal,
                                          handoff_answer_t *ret_answer)
{
  const error_info_t *info = error_info(refusal);
  builder_t fields = fields_begin(arena, issuer, target);
  add_field(&fields, "error", bytes_of_string(info->oauth));
  add_field(&fields, "error_description", bytes_of_string(info->sentence));
  return fields_end(arena, issuer, target, &fields, ret_answer);
}

handoff_answer_t authorization_response_page(error_code_t refusal)
{
  const error_info_t *info = error_info(refusal);
  return (handoff_answer_t){.outcome = HANDOFF_ERROR_PAGE,
                            .error = bytes_of_string(info->slug),
                            .description = bytes_of_string(info->sentence)};
}
