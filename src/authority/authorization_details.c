#include "authority/authorization_details.h"

#include "authority/authorization_request.h"
#include "authority/detail_types.h"
#include "authority/origin.h"
#include "base/canonical_json.h"

typedef struct parsing {
  arena_t *arena;
  const config_domain_t *domain;
  const config_client_t *client;
  authorization_details_t details;
  json_t *lasting;
  builder_t shown_en, shown_ja;
} parsing_t;

/* RFC 9396 §5: an unknown type, or one that is not this client's, refuses the whole request. */
static const config_detail_t *find_type(const parsing_t *parsing, const json_t *detail)
{
  bytes_t name;
  if (!json_is_object(detail) || json_require_text(detail, "type", &name) != ERR_NONE)
    return NULL;
  const config_detail_t *type = config_find_detail(parsing->domain, name);
  if (type == NULL || !text_list_contains(&parsing->client->detail_types, name))
    return NULL;
  return type->scope == NULL || client_may_ask(parsing->client, bytes_of_string(type->scope)) ? type : NULL;
}

static void raise(parsing_t *parsing, const config_detail_t *type)
{
  requirement_t *requirement = &parsing->details.requirement;
  const config_scope_t *scope =
      type->scope != NULL ? config_find_scope(parsing->domain, bytes_of_string(type->scope)) : NULL;
  *requirement = requirement_join(*requirement, type->requirement);
  if (scope != NULL)
    *requirement = requirement_join(*requirement, scope->requirement);
}

static error_code_t show(parsing_t *parsing, const config_detail_t *type, const json_t *detail)
{
  builder_add_string(&parsing->shown_en, parsing->shown_en.len > 0 ? "\n" : "");
  builder_add_string(&parsing->shown_ja, parsing->shown_ja.len > 0 ? "\n" : "");
  error_code_t error = detail_type_show(parsing->arena, type->display_en, detail, &parsing->shown_en);
  if (error == ERR_NONE)
    error = detail_type_show(parsing->arena, type->display_ja, detail, &parsing->shown_ja);
  return error;
}

static error_code_t take_detail(parsing_t *parsing, json_t *detail)
{
  const config_detail_t *type = find_type(parsing, detail);
  if (type == NULL || !detail_type_fits(type, detail))
    return ERR_AUTHORIZATION_DETAILS;
  raise(parsing, type);
  parsing->details.bound |= type->bound;
  if (!type->bound && json_array_append(parsing->lasting, detail) != 0)
    return ERR_NO_MEMORY;
  return show(parsing, type, detail);
}

static error_code_t print_array(arena_t *arena, const json_t *array, bytes_t *ret_text)
{
  *ret_text = BYTES_NONE;
  return json_array_size(array) > 0 ? canonical_json_print(arena, array, DETAILS_TEXT_MAX, ret_text)
                                    : ERR_NONE;
}

static error_code_t take_all(parsing_t *parsing, const json_t *array)
{
  error_code_t error = ERR_NONE;
  if (!json_is_array(array) || json_array_size(array) == 0 || json_array_size(array) > DETAILS_COUNT_MAX)
    return ERR_AUTHORIZATION_DETAILS;
  for (size_t i = 0; i < json_array_size(array) && error == ERR_NONE; i++)
    error = take_detail(parsing, json_array_get(array, i));
  if (error == ERR_NONE)
    error = print_array(parsing->arena, array, &parsing->details.all);
  if (error == ERR_NONE)
    error = print_array(parsing->arena, parsing->lasting, &parsing->details.lasting);
  if (error == ERR_NONE && (parsing->shown_en.failed || parsing->shown_ja.failed))
    error = ERR_TOO_LARGE;
  return error;
}

error_code_t authorization_details_parse(arena_t *arena, const config_domain_t *domain,
                                         const config_client_t *client, bytes_t text,
                                         authorization_details_t *ret_details)
{
  *ret_details = (authorization_details_t){.requirement = REQUIREMENT_NONE};
  if (text.len == 0)
    return ERR_NONE;
  CLEANUP(json_drop) json_t *array = NULL;
  if (text.len > DETAILS_SENT_MAX || json_parse(text, &array) != ERR_NONE)
    return ERR_AUTHORIZATION_DETAILS;
  CLEANUP(json_drop) json_t *lasting = json_array();
  parsing_t parsing = {.arena = arena,
                       .domain = domain,
                       .client = client,
                       .details = *ret_details,
                       .lasting = lasting,
                       .shown_en = arena_builder(arena, DETAILS_SHOWN_MAX),
                       .shown_ja = arena_builder(arena, DETAILS_SHOWN_MAX)};
  if (lasting == NULL || parsing.shown_en.failed || parsing.shown_ja.failed)
    return ERR_NO_MEMORY;
  error_code_t error = take_all(&parsing, array);
  if (error != ERR_NONE)
    return error == ERR_NO_MEMORY || error == ERR_INTERNAL ? error : ERR_AUTHORIZATION_DETAILS;
  parsing.details.shown_en = builder_bytes(&parsing.shown_en);
  parsing.details.shown_ja = builder_bytes(&parsing.shown_ja);
  *ret_details = parsing.details;
  return ERR_NONE;
}

/* --- at the token endpoint --- */

static bool was_granted(const json_t *granted, const json_t *detail)
{
  for (size_t i = 0; i < json_array_size(granted); i++)
    if (json_equal(json_array_get(granted, i), detail) != 0)
      return true;
  return false;
}

error_code_t authorization_details_narrow(arena_t *arena, bytes_t granted, bytes_t asked,
                                          bytes_t *ret_details)
{
  *ret_details = granted;
  if (asked.len == 0)
    return ERR_NONE;
  CLEANUP(json_drop) json_t *have = NULL;
  CLEANUP(json_drop) json_t *want = NULL;
  if (granted.len == 0 || asked.len > DETAILS_SENT_MAX || json_parse(asked, &want) != ERR_NONE ||
      !json_is_array(want) || json_array_size(want) == 0)
    return ERR_AUTHORIZATION_DETAILS;
  if (json_parse(granted, &have) != ERR_NONE)
    return ERR_STORE_FAILED;
  for (size_t i = 0; i < json_array_size(want); i++)
    if (!was_granted(have, json_array_get(want, i)))
      return ERR_AUTHORIZATION_DETAILS;
  error_code_t error = canonical_json_print(arena, want, DETAILS_TEXT_MAX, ret_details);
  return error == ERR_TOO_LARGE ? ERR_AUTHORIZATION_DETAILS : error;
}

void authorization_details_add(builder_t *builder, bytes_t details)
{
  if (details.len == 0)
    return;
  builder_add_string(builder, ",\"authorization_details\":");
  builder_add(builder, details);
}
