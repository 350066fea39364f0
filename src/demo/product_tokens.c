#include "demo/product_tokens.h"

#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"

static json_t *decode_part(arena_t *arena, bytes_t part)
{
  bytes_t text;
  json_t *value = NULL;
  if (base64url_decode(arena, part, &text) != ERR_NONE || json_parse(text, &value) != ERR_NONE)
    return NULL;
  return value;
}

static bytes_t token_part(const char *token, int index)
{
  for (; index > 0; index--) {
    const char *dot = strchr(token, '.');
    if (dot == NULL)
      return BYTES_NONE;
    token = dot + 1;
  }
  return bytes_of(token, strcspn(token, "."));
}

json_t *product_token_show(arena_t *arena, const char *token)
{
  CLEANUP(json_drop) json_t *header = decode_part(arena, token_part(token, 0));
  CLEANUP(json_drop) json_t *claims = decode_part(arena, token_part(token, 1));
  if (header == NULL || claims == NULL)
    return json_null();
  return json_pack("{s:O, s:O}", "header", header, "claims", claims);
}

static bool scope_granted(const json_t *claims, const char *name)
{
  bytes_t scope = BYTES_NONE;
  if (claims == NULL || json_get_text(claims, "scope", &scope) != ERR_NONE)
    return false;
  size_t len = strlen(name);
  for (size_t at = 0; at + len <= scope.len; at++) {
    bool starts = at == 0 || scope.data[at - 1] == ' ';
    bool ends = at + len == scope.len || scope.data[at + len] == ' ';
    if (starts && ends && memcmp(scope.data + at, name, len) == 0)
      return true;
  }
  return false;
}

static level_times_t read_levels(const config_t *config, const json_t *claims)
{
  static const char *const kinds[] = {"any", "domain", "verified"};
  level_times_t times = {0};
  const json_t *levels = json_object_get(claims, "levels");
  for (size_t i = 0; i < config->levels.count; i++) {
    const json_t *level = json_object_get(levels, config->levels.levels[i].name);
    for (size_t kind = 0; kind < 3; kind++)
      times.time_ms[i][kind] = json_integer_value(json_object_get(level, kinds[kind])) * 1000;
  }
  return times;
}

/* Seconds since 1970 until which the scope opens its routes; 0: not now. */
static int64_t good_until(const config_t *config, const config_domain_t *domain, const config_scope_t *scope,
                          const json_t *claims)
{
  int64_t expires_s = 0;
  if (!scope_granted(claims, scope->name) || json_get_integer(claims, "exp", 0, &expires_s) != ERR_NONE)
    return 0;
  policy_context_t context = {.levels = &config->levels, .domain = domain->id, .now_ms = clock_now_ms()};
  level_times_t times = read_levels(config, claims);
  decision_t decision = policy_decide_times(&context, scope->requirement, &times);
  if (decision.verdict != VERDICT_SATISFIED || context.now_ms >= expires_s * 1000)
    return 0;
  int64_t until_s = decision.satisfied_until_ms / 1000;
  return until_s < expires_s ? until_s : expires_s;
}

json_t *product_scopes_show(arena_t *arena, const product_t *product, const char *access_token)
{
  const config_t *config = demo_config(product->demo);
  const config_domain_t *domain = config_find_domain(config, bytes_of_string(product->kind->id));
  CLEANUP(json_drop) json_t *claims = decode_part(arena, token_part(access_token, 1));
  json_t *list = json_array();
  for (size_t i = 0; domain != NULL && i < domain->scope_count; i++) {
    const config_scope_t *scope = &domain->scopes[i];
    int64_t until_s = good_until(config, domain, scope, claims);
    bool limited = scope->requirement.max_age_ms != MAX_AGE_NONE;
    json_array_append_new(
        list, json_pack("{s:s, s:{s:s, s:s}, s:b, s:o, s:o}", "name", scope->name, "title", "en",
                        scope->title_en != NULL ? scope->title_en : scope->name, "ja",
                        scope->title_ja != NULL ? scope->title_ja : scope->name, "granted",
                        scope_granted(claims, scope->name), "max_age",
                        limited ? json_integer(scope->requirement.max_age_ms / 1000) : json_null(),
                        "good_until", until_s > 0 ? json_integer(until_s) : json_null()));
  }
  return list;
}
