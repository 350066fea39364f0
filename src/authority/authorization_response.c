#include "authority/authorization_response.h"

#include <string.h>

#define FIXED_ROOM 1024 /* a code, or the longest sentence of the error table, encoded */

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
  http_form_add(&fields, BYTES_LITERAL("state"), state);
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
  http_form_add(fields, BYTES_LITERAL("state"), target->state);
  http_form_add(fields, BYTES_LITERAL("iss"), bytes_of_string(issuer));
  return fields->failed ? ERR_NO_MEMORY : respond(arena, target, builder_bytes(fields), ret_answer);
}

error_code_t authorization_response_code(arena_t *arena, const char *issuer,
                                         const authorization_target_t *target, bytes_t code,
                                         handoff_answer_t *ret_answer)
{
  builder_t fields = fields_begin(arena, issuer, target);
  http_form_add(&fields, BYTES_LITERAL("code"), code);
  return fields_end(arena, issuer, target, &fields, ret_answer);
}

error_code_t authorization_response_error(arena_t *arena, const char *issuer,
                                          const authorization_target_t *target, error_code_t refusal,
                                          handoff_answer_t *ret_answer)
{
  const error_info_t *info = error_info(refusal);
  builder_t fields = fields_begin(arena, issuer, target);
  http_form_add(&fields, BYTES_LITERAL("error"), bytes_of_string(info->oauth));
  http_form_add(&fields, BYTES_LITERAL("error_description"), bytes_of_string(info->sentence));
  return fields_end(arena, issuer, target, &fields, ret_answer);
}

handoff_answer_t authorization_response_page(error_code_t refusal)
{
  const error_info_t *info = error_info(refusal);
  return (handoff_answer_t){.outcome = HANDOFF_ERROR_PAGE,
                            .error = bytes_of_string(info->slug),
                            .description = bytes_of_string(info->sentence)};
}
