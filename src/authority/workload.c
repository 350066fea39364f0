#include "authority/workload.h"

#include <stdio.h>
#include <string.h>

#include "crypto/jws.h"
#include "policy/decision.h"

/* --- the rules --- */

static bool text_fits(bytes_t text, const config_claim_rule_t *rule)
{
  bytes_t value = bytes_of_string(rule->value);
  if (rule->prefix)
    return text.len >= value.len && memcmp(text.data, value.data, value.len) == 0;
  return bytes_equal(text, value);
}

/* Numbers and truth values as JSON writes them, exactly; never by how they begin. */
static bool scalar_fits(const json_t *value, const config_claim_rule_t *rule)
{
  char number[32];
  if (json_is_string(value))
    return text_fits(bytes_of(json_string_value(value), json_string_length(value)), rule);
  if (rule->prefix)
    return false;
  if (json_is_boolean(value))
    return strcmp(rule->value, json_is_true(value) ? "true" : "false") == 0;
  if (!json_is_integer(value))
    return false;
  snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
  return strcmp(rule->value, number) == 0;
}

static bool value_fits(const json_t *value, const config_claim_rule_t *rule)
{
  if (!json_is_array(value))
    return scalar_fits(value, rule);
  for (size_t i = 0; i < json_array_size(value); i++)
    if (scalar_fits(json_array_get(value, i), rule))
      return true;
  return false;
}

/* A claim's whole name comes first: some are addresses. Then its path, part by part. */
static const json_t *find_claim(const json_t *claims, const char *path)
{
  const json_t *whole = json_object_get(claims, path);
  if (whole != NULL)
    return whole;
  for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    const json_t *inner = json_object_getn(claims, path, (size_t)(slash - path));
    if (json_is_object(inner))
      return find_claim(inner, slash + 1); /* NOLINT(misc-no-recursion): as deep as the rule's path */
  }
  return NULL;
}

bool workload_claims_match(const json_t *claims, const config_service_t *service)
{
  for (size_t i = 0; i < service->rule_count; i++) {
    const json_t *value = find_claim(claims, service->rules[i].path);
    if (value == NULL || !value_fits(value, &service->rules[i]))
      return false;
  }
  return service->rule_count > 0;
}

/* --- the token --- */

typedef struct checking {
  const domain_t *domain;
  const domain_settings_t *settings;
  const jws_t *jws;
  int64_t now_ms;
  workload_t *workload;
} checking_t;

static error_code_t refuse(const checking_t *checking, const char *reason)
{
  checking->workload->reason = reason;
  return ERR_WORKLOAD;
}

/* RFC 8725 §3.11: a token that was made for something else says so. */
static error_code_t check_type(checking_t *checking)
{
  bytes_t type = checking->jws->type;
  return type.len == 0 || bytes_equal_string(type, "jwt")
             ? ERR_NONE
             : refuse(checking, "typ is that of another kind of token");
}

static error_code_t find_issuer(checking_t *checking)
{
  bytes_t issuer;
  const config_domain_t *config = checking->settings->config;
  if (json_require_text(checking->jws->payload, "iss", &issuer) != ERR_NONE)
    return refuse(checking, "iss is missing");
  for (size_t i = 0; i < config->workload_issuer_count; i++)
    if (bytes_equal_string(issuer, config->workload_issuers[i].issuer)) {
      checking->workload->issuer = &config->workload_issuers[i];
      return ERR_NONE;
    }
  return refuse(checking, "iss is none of workload_issuers");
}

static error_code_t check_signature(checking_t *checking)
{
  workload_t *workload = checking->workload;
  error_code_t error = workload_keys_verify(checking->domain->workload_keys, workload->issuer, checking->jws,
                                            checking->now_ms, &workload->awaits_keys);
  if (error == ERR_WORKLOAD_KEYS)
    workload->reason = "the issuer's keys cannot be read or fetched";
  return error == ERR_SIGNATURE ? refuse(checking, "no key of the issuer's verifies the signature") : error;
}

/* One that also names others could have been taken from them. */
static error_code_t check_audience(checking_t *checking)
{
  const json_t *audience = json_object_get(checking->jws->payload, "aud");
  if (json_is_array(audience) && json_array_size(audience) == 1)
    audience = json_array_get(audience, 0);
  bytes_t text = bytes_of(json_string_value(audience), json_string_length(audience));
  return json_is_string(audience) && bytes_equal_string(text, checking->workload->issuer->audience)
             ? ERR_NONE
             : refuse(checking, "aud is not the issuer's audience, and that alone");
}

static bool read_time(const checking_t *checking, const char *name, int64_t *ret_ms)
{
  int64_t seconds;
  if (json_require_integer(checking->jws->payload, name, &seconds) != ERR_NONE || seconds < 0 ||
      seconds >= INT64_MAX / 2000)
    return false;
  *ret_ms = seconds * 1000;
  return true;
}

static error_code_t check_times(checking_t *checking)
{
  int64_t issued_ms, expires_ms, begins_ms, now_ms = checking->now_ms;
  if (!read_time(checking, "exp", &expires_ms) || !read_time(checking, "iat", &issued_ms))
    return refuse(checking, "exp or iat is missing or no time");
  if (expires_ms + POLICY_SKEW_MS <= now_ms)
    return refuse(checking, "exp is over");
  if (issued_ms > now_ms + POLICY_SKEW_MS)
    return refuse(checking, "iat is ahead");
  if (json_object_get(checking->jws->payload, "nbf") != NULL &&
      (!read_time(checking, "nbf", &begins_ms) || begins_ms > now_ms + POLICY_SKEW_MS))
    return refuse(checking, "nbf is ahead or no time");
  if (expires_ms - issued_ms > checking->workload->issuer->max_lifetime_ms)
    return refuse(checking, "it was made for longer than max_lifetime");
  checking->workload->expires_ms = expires_ms;
  return ERR_NONE;
}

/* Exactly one: two that match say that a rule is wider than was meant. */
static error_code_t find_service(checking_t *checking)
{
  const config_domain_t *config = checking->settings->config;
  const config_service_t *found = NULL;
  for (size_t i = 0; i < config->service_count; i++) {
    const config_service_t *service = &config->services[i];
    if (strcmp(service->issuer, checking->workload->issuer->issuer) != 0 ||
        !workload_claims_match(checking->jws->payload, service))
      continue;
    if (found != NULL)
      return refuse(checking, "its claims are those of two services");
    found = service;
  }
  checking->workload->service = found;
  return found != NULL ? ERR_NONE : refuse(checking, "its claims are those of no service");
}

error_code_t workload_check(arena_t *arena, const domain_t *domain, const domain_settings_t *settings,
                            bytes_t text, int64_t now_ms, workload_t *ret_workload)
{
  static error_code_t (*const steps[])(checking_t *) = {check_type,     find_issuer, check_signature,
                                                        check_audience, check_times, find_service};
  CLEANUP(jws_done) jws_t jws = {.payload = NULL};
  *ret_workload = (workload_t){.service = NULL};
  checking_t checking = {domain, settings, &jws, now_ms, ret_workload};
  error_code_t error = jws_parse(arena, text, &jws);
  if (error == ERR_NO_MEMORY)
    return error;
  if (error != ERR_NONE)
    return refuse(&checking, "it is no JWT in the compact form, or its alg is not taken");
  for (size_t i = 0; i < sizeof steps / sizeof *steps && error == ERR_NONE; i++)
    error = steps[i](&checking);
  return error;
}
