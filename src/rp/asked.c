#include "rp/asked.h"
#include "base/clock.h"

#include "base/text.h"
#include "rp/browser.h"

#define AGE_MAX_S ((int64_t)10 * 365 * 24 * 3600)
#define ECHO_MAX_LENGTH 4096

static error_code_t seconds_parse(bytes_t text, int64_t *ret_seconds)
{
  int64_t seconds = 0;
  if (text.len == 0 || text.len > 10)
    return ERR_MALFORMED;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < '0' || text.data[i] > '9')
      return ERR_MALFORMED;
    seconds = seconds * 10 + (text.data[i] - '0');
  }
  *ret_seconds = seconds;
  return ERR_NONE;
}

static error_code_t set_age(int64_t seconds, requirement_t *requirement)
{
  if (seconds < 0)
    return ERR_MALFORMED;
  if (seconds <= AGE_MAX_S)
    requirement->max_age_ms = SECONDS_MS(seconds);
  return ERR_NONE;
}

static error_code_t set_level(const exchange_t *exchange, bytes_t acr, requirement_t *requirement)
{
  requirement->level = level_find(&exchange->config->levels, acr);
  return requirement->level >= 0 ? ERR_NONE : ERR_MALFORMED;
}

error_code_t asked_requirement(const exchange_t *exchange, bytes_t acr, bytes_t max_age,
                               requirement_t *ret_requirement)
{
  requirement_t requirement = REQUIREMENT_NONE;
  error_code_t error = ERR_NONE;
  if (acr.len > 0)
    error = set_level(exchange, acr, &requirement);
  if (error == ERR_NONE && max_age.len > 0) {
    int64_t seconds, ms;
    if (seconds_parse(max_age, &seconds) == ERR_NONE)
      error = set_age(seconds, &requirement);
    else if ((error = text_parse_duration(max_age, &ms)) == ERR_NONE)
      requirement.max_age_ms = ms;
    else
      error = ERR_MALFORMED;
  }
  if (error != ERR_NONE)
    return error;
  if (requirement.max_age_ms != MAX_AGE_NONE && requirement.level < 0)
    requirement.level = 0; /* an age needs evidence that has it */
  *ret_requirement = requirement;
  return ERR_NONE;
}

error_code_t asked_requirement_member(const exchange_t *exchange, const json_t *body,
                                      requirement_t *ret_requirement)
{
  json_t *object = NULL;
  bytes_t acr = BYTES_NONE, max_age = BYTES_NONE;
  *ret_requirement = REQUIREMENT_NONE;
  error_code_t error = json_get_object(body, "requirement", &object);
  if (error != ERR_NONE || object == NULL)
    return error;
  error = json_get_text(object, "acr", &acr);
  if (error != ERR_NONE)
    return error;
  const json_t *age = json_object_get(object, "max_age");
  if (json_is_integer(age)) {
    char *text = arena_format(exchange->arena, "%lld", (long long)json_integer_value(age));
    max_age = bytes_of_string(text);
  } else {
    error = json_get_text(object, "max_age", &max_age);
  }
  if (error == ERR_NONE)
    error = asked_requirement(exchange, acr, max_age, ret_requirement);
  return error;
}

error_code_t asked_continue(const exchange_t *exchange, bytes_t text, const continue_handle_t **ret_continue)
{
  browser_t browser;
  continue_handle_t *handle = arena_alloc(exchange->arena, sizeof(*handle));
  if (handle == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = browser_find(exchange, &browser);
  if (error == ERR_NONE)
    error = continue_handle_open(exchange->arena, &exchange->rp->keys, text, browser.hash, exchange->now_ms,
                                 handle);
  if (error == ERR_NONE)
    *ret_continue = handle;
  return error;
}

error_code_t asked_continue_member(const exchange_t *exchange, const json_t *body,
                                   const continue_handle_t **ret_continue)
{
  bytes_t text = BYTES_NONE;
  *ret_continue = NULL;
  error_code_t error = json_get_text(body, "continue", &text);
  if (error != ERR_NONE || text.len == 0)
    return error;
  return asked_continue(exchange, text, ret_continue);
}

error_code_t asked_continue_path(const exchange_t *exchange, const continue_ref_t *ref, bool declined,
                                 bytes_t *ret_path)
{
  const continue_handle_t handle = {.ref = *ref, .declined = declined};
  bytes_t text;
  error_code_t error = continue_handle_seal(exchange->arena, &exchange->rp->keys, &handle, &text);
  if (error != ERR_NONE)
    return error;
  char *path = arena_format(exchange->arena, "/%s/authorize?continue=%.*s", ref->domain.text, (int)text.len,
                            (const char *)text.data);
  if (path == NULL)
    return ERR_NO_MEMORY;
  *ret_path = bytes_of_string(path);
  return ERR_NONE;
}

error_code_t asked_user_verification(const json_t *object, bool needed, const char **ret_value)
{
  static const char *const values[] = {"required", "preferred", "discouraged"};
  bytes_t asked = BYTES_NONE;
  error_code_t error = json_get_text(object, "userVerification", &asked);
  if (error != ERR_NONE)
    return error;
  const char *found = asked.len == 0 ? "preferred" : NULL;
  for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
    if (bytes_equal_string(asked, values[i]))
      found = values[i];
  if (found == NULL)
    return ERR_MALFORMED;
  *ret_value = needed ? "required" : found;
  return ERR_NONE;
}

bool asked_needs_verification(const exchange_t *exchange, requirement_t requirement)
{
  const level_table_t *levels = &exchange->config->levels;
  return requirement.level >= 0 && (size_t)requirement.level < levels->count &&
         levels->levels[requirement.level].user_verified;
}

error_code_t asked_echo(const exchange_t *exchange, const json_t *body, bytes_t *ret_members)
{
  json_t *extensions = NULL, *hints = NULL;
  error_code_t error = json_get_object(body, "extensions", &extensions);
  if (error == ERR_NONE)
    error = json_get_array(body, "hints", &hints);
  *ret_members = BYTES_NONE;
  if (error != ERR_NONE || (extensions == NULL && hints == NULL))
    return error;
  builder_t builder = arena_builder(exchange->arena, ECHO_MAX_LENGTH);
  bytes_t text;
  if (extensions != NULL) {
    builder_add_string(&builder, ",\"extensions\":");
    builder_add(&builder, json_print(exchange->arena, extensions, &text) != NULL ? text : BYTES_NONE);
  }
  if (hints != NULL) {
    builder_add_string(&builder, ",\"hints\":");
    builder_add(&builder, json_print(exchange->arena, hints, &text) != NULL ? text : BYTES_NONE);
  }
  if (builder.failed)
    return ERR_TOO_LARGE;
  *ret_members = builder_bytes(&builder);
  return ERR_NONE;
}
