#include "authority/earned.h"

#include "authority/access_token.h"
#include "authority/authorization_request.h"
#include "authority/claims.h"
#include "base/json.h"

#define LEVELS_ROOM 2048

static error_code_t read_levels(const level_table_t *levels, bytes_t text, level_times_t *ret_times)
{
  CLEANUP(json_drop) json_t *claim = NULL;
  if (json_parse(text, &claim) != ERR_NONE || !json_is_object(claim))
    return ERR_STORE_FAILED;
  return level_times_parse(claim, levels, ret_times) == ERR_NONE ? ERR_NONE : ERR_STORE_FAILED;
}

/* --- after a step-up --- */

static bool is_stronger(const level_table_t *levels, const grant_t *fresh, const earned_row_t *earned)
{
  int fresh_level = level_find(levels, fresh->acr), old_level = level_find(levels, earned->acr);
  if (fresh_level != old_level)
    return fresh_level > old_level;
  return fresh->auth_time_ms > earned->auth_time_ms;
}

static error_code_t merge_levels(arena_t *arena, const level_table_t *levels, const level_times_t *fresh,
                                 bytes_t *text)
{
  level_times_t times;
  error_code_t error = read_levels(levels, *text, &times);
  if (error != ERR_NONE)
    return error;
  level_times_join(&times, fresh);
  builder_t builder = arena_builder(arena, LEVELS_ROOM);
  error = level_times_build(&builder, levels, &times);
  *text = builder_bytes(&builder);
  return error;
}

error_code_t earned_spread(database_t *database, arena_t *arena, const level_table_t *levels,
                           const grant_t *fresh, int64_t now_ms)
{
  earned_row_t *rows = arena_alloc(arena, EARNED_MAX * sizeof *rows);
  level_times_t times;
  size_t count;
  if (rows == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = read_levels(levels, fresh->levels, &times);
  if (error == ERR_NONE)
    error = refresh_list_earned(database, arena, fresh, now_ms, rows, &count);
  for (size_t i = 0; error == ERR_NONE && i < count; i++) {
    error = merge_levels(arena, levels, &times, &rows[i].levels);
    if (is_stronger(levels, fresh, &rows[i])) {
      rows[i].acr = fresh->acr;
      rows[i].amr = fresh->amr;
      rows[i].auth_time_ms = fresh->auth_time_ms;
    }
    if (!fresh->outlives && rows[i].session_expires_ms < fresh->session_expires_ms)
      rows[i].session_expires_ms = fresh->session_expires_ms;
    if (error == ERR_NONE)
      error = refresh_set_earned(database, &rows[i]);
  }
  return error;
}

/* --- at a refresh --- */

static bool scope_holds(const domain_settings_t *settings, const config_client_t *client,
                        const policy_context_t *context, requirement_t entry, const level_times_t *times,
                        bytes_t name)
{
  const config_scope_t *scope = config_find_scope(settings->config, name);
  if (scope == NULL)
    return bytes_equal_string(name, "openid") || (scope_is_standard(name) && client_may_ask(client, name));
  return client_may_ask(client, name) &&
         policy_decide_times(context, requirement_join(entry, scope->requirement), times).verdict ==
             VERDICT_SATISFIED;
}

error_code_t earned_scope(arena_t *arena, const domain_settings_t *settings, const config_client_t *client,
                          const grant_t *grant, bytes_t asked, int64_t now_ms, bytes_t *ret_scope)
{
  level_times_t times;
  error_code_t error = read_levels(settings->levels, grant->levels, &times);
  if (error != ERR_NONE)
    return error;
  const policy_context_t context = {.levels = settings->levels, .domain = settings->id, .now_ms = now_ms};
  requirement_t entry = entry_requirement(settings, client);
  if (policy_decide_times(&context, entry, &times).verdict != VERDICT_SATISFIED)
    return ERR_LAPSED;
  builder_t kept = arena_builder(arena, asked.len + 1);
  for (bytes_t name = words_next(&asked); name.len > 0; name = words_next(&asked)) {
    if (words_contain(builder_bytes(&kept), name) ||
        !scope_holds(settings, client, &context, entry, &times, name))
      continue;
    builder_add_string(&kept, kept.len > 0 ? " " : "");
    builder_add(&kept, name);
  }
  if (kept.failed)
    return ERR_NO_MEMORY;
  *ret_scope = builder_bytes(&kept);
  return ERR_NONE;
}

error_code_t earned_details(arena_t *arena, const domain_settings_t *settings, const config_client_t *client,
                            const grant_t *grant, int64_t now_ms, bytes_t *ret_details)
{
  level_times_t times;
  authorization_details_t details;
  *ret_details = BYTES_NONE;
  error_code_t error = authorization_details_parse(arena, settings->config, client, grant->details, &details);
  if (error == ERR_AUTHORIZATION_DETAILS)
    return ERR_NONE; /* no longer the client's to have, or bound by now */
  if (error == ERR_NONE)
    error = read_levels(settings->levels, grant->levels, &times);
  if (error != ERR_NONE)
    return error;
  const policy_context_t context = {.levels = settings->levels, .domain = settings->id, .now_ms = now_ms};
  requirement_t wanted = requirement_join(entry_requirement(settings, client), details.requirement);
  if (policy_decide_times(&context, wanted, &times).verdict == VERDICT_SATISFIED)
    *ret_details = details.lasting;
  return ERR_NONE;
}
