#include "rp/asked.h"
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "rp/browser.h"

#define AGE_MAX_S ((int64_t)10 * 365 * 24 * 3600)
#define LIST_MAX 16 /* of hints or formats; those known are fewer */

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

error_code_t asked_continue_path(const exchange_t *exchange, const continue_handle_t *handle,
                                 bytes_t *ret_path)
{
  bytes_t text;
  error_code_t error = continue_handle_seal(exchange->arena, &exchange->rp->keys, handle, &text);
  if (error != ERR_NONE)
    return error;
  char *path = arena_format(exchange->arena, "/%s/authorize?continue=%.*s", handle->ref.domain.text,
                            (int)text.len, (const char *)text.data);
  if (path == NULL)
    return ERR_NO_MEMORY;
  *ret_path = bytes_of_string(path);
  return ERR_NONE;
}

error_code_t asked_word(const json_t *object, const char *name, const char *const *words,
                        const char *fallback, const char **ret_word)
{
  bytes_t asked = BYTES_NONE;
  error_code_t error = json_get_text(object, name, &asked);
  if (error != ERR_NONE)
    return error;
  if (asked.len == 0) {
    *ret_word = fallback;
    return ERR_NONE;
  }
  for (; *words != NULL; words++)
    if (bytes_equal_string(asked, *words)) {
      *ret_word = *words;
      return ERR_NONE;
    }
  return ERR_MALFORMED;
}

error_code_t asked_user_verification(const json_t *object, bool needed, const char *fallback,
                                     const char **ret_value)
{
  static const char *const words[] = {"required", "preferred", "discouraged", NULL};
  error_code_t error = asked_word(object, "userVerification", words, fallback, ret_value);
  if (error == ERR_NONE && needed)
    *ret_value = words[0];
  return error;
}

bool asked_needs_verification(const exchange_t *exchange, requirement_t requirement)
{
  const level_table_t *levels = &exchange->config->levels;
  return requirement.level >= 0 && (size_t)requirement.level < levels->count &&
         levels->levels[requirement.level].user_verified;
}

static bool is_among(const char *text, const char *const *words)
{
  while (*words != NULL && strcmp(text, *words) != 0)
    words++;
  return *words != NULL;
}

static bool list_has(const text_list_t *list, const char *text)
{
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->items[i], text) == 0)
      return true;
  return false;
}

/* The texts of an array that are known, each once. */
static error_code_t take_texts(const exchange_t *exchange, const json_t *array, const char *const *known,
                               text_list_t *ret_list)
{
  text_list_t list = {.items = arena_alloc(exchange->arena, LIST_MAX * sizeof(*list.items))};
  size_t index;
  const json_t *item;
  if (list.items == NULL)
    return ERR_NO_MEMORY;
  if (json_array_size(array) > LIST_MAX)
    return ERR_MALFORMED;
  json_array_foreach(array, index, item)
  {
    if (!json_is_string(item))
      return ERR_MALFORMED;
    const char *text = json_string_value(item);
    if (is_among(text, known) && !list_has(&list, text))
      list.items[list.count++] = text;
  }
  *ret_list = list;
  return ERR_NONE;
}

static error_code_t asked_list(const exchange_t *exchange, const json_t *body, const char *name,
                               const char *const *known, const text_list_t *fallback, text_list_t *ret_list)
{
  json_t *array = NULL;
  error_code_t error = json_get_array(body, name, &array);
  if (error == ERR_NONE && array == NULL)
    *ret_list = *fallback;
  else if (error == ERR_NONE)
    error = take_texts(exchange, array, known, ret_list);
  return error;
}

error_code_t asked_hints(const exchange_t *exchange, const json_t *body, const text_list_t *fallback,
                         text_list_t *ret_hints)
{
  static const char *const known[] = {"security-key", "client-device", "hybrid", NULL};
  return asked_list(exchange, body, "hints", known, fallback, ret_hints);
}

error_code_t asked_formats(const exchange_t *exchange, const json_t *body, text_list_t *ret_formats)
{
  static const char *const known[] = {"packed",   "tpm",      "android-key", "apple",
                                      "fido-u2f", "compound", "none",        NULL};
  return asked_list(exchange, body, "attestationFormats", known, &exchange->config->rp.attestation_formats,
                    ret_formats);
}

error_code_t asked_timeout(const exchange_t *exchange, const json_t *body, int64_t usual_ms,
                           int64_t *ret_timeout_ms)
{
  int64_t most_ms = exchange->config->rp.challenge_lifetime_ms, asked_ms = usual_ms;
  error_code_t error = json_get_integer(body, "timeout", usual_ms, &asked_ms);
  if (error != ERR_NONE || asked_ms <= 0)
    return ERR_MALFORMED;
  *ret_timeout_ms = asked_ms < most_ms ? asked_ms : most_ms;
  return ERR_NONE;
}

error_code_t asked_conditional(const json_t *body, bool *ret_conditional)
{
  static const char *const words[] = {"conditional", "optional", "required", "silent", NULL};
  const char *word = NULL;
  error_code_t error = asked_word(body, "mediation", words, NULL, &word);
  if (error == ERR_NONE)
    *ret_conditional = word == words[0];
  return error;
}

void asked_write_list(builder_t *builder, const char *name, const text_list_t *list)
{
  if (list->count == 0)
    return;
  builder_add_string(builder, ",\"");
  builder_add_string(builder, name);
  for (size_t i = 0; i < list->count; i++) {
    builder_add_string(builder, i == 0 ? "\":[\"" : "\",\"");
    builder_add_string(builder, list->items[i]);
  }
  builder_add_string(builder, "\"]");
}
