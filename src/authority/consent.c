#include "authority/consent.h"

#include <string.h>

#include "audit/audit.h"
#include "authority/claims.h"
#include "store/authority_consents.h"

/* openid says nothing to people, and is never asked about alone. */
static bool is_covered(bytes_t allowed, bytes_t scope)
{
  for (bytes_t word = words_next(&scope); word.len > 0; word = words_next(&scope))
    if (!bytes_equal_string(word, "openid") && !words_contain(allowed, word))
      return false;
  return true;
}

static error_code_t find_allowed(const authorization_t *authorization, bytes_t *ret_scope, bool *ret_any)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(authorization->domain->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error = consent_find(read.database, authorization->arena, authorization->session->subject,
                                    bytes_of_string(authorization->target.client->id), ret_scope);
  *ret_any = ret_scope->len > 0;
  return error;
}

/* What was allowed before stays so. */
static error_code_t join(arena_t *arena, bytes_t allowed, bytes_t scope, bytes_t *ret_scope)
{
  builder_t words = arena_builder(arena, allowed.len + scope.len + 8);
  builder_add(&words, allowed);
  for (bytes_t word = words_next(&scope); word.len > 0; word = words_next(&scope))
    if (!words_contain(builder_bytes(&words), word))
      word_add(&words, word);
  if (words.len == 0) /* no scope at all is allowed, too */
    builder_add_string(&words, "openid");
  *ret_scope = builder_bytes(&words);
  return words.failed ? ERR_NO_MEMORY : ERR_NONE;
}

error_code_t consent_check(authorization_t *authorization, bool *ret_asked)
{
  const authorization_request_t *request = &authorization->request;
  bytes_t allowed;
  bool any = false;
  *ret_asked = false;
  authorization->asks_consent = authorization->target.client->third_party || request->prompt_consent;
  if (!authorization->asks_consent)
    return ERR_NONE;
  error_code_t error = find_allowed(authorization, &allowed, &any);
  if (error != ERR_NONE)
    return error;
  if (authorization->consented)
    return join(authorization->arena, allowed, request->scope, &authorization->consent_scope);
  if (any && is_covered(allowed, request->scope) && !request->prompt_consent)
    return ERR_NONE;
  *ret_asked = !request->prompt_none;
  return request->prompt_none ? ERR_CONSENT_REQUIRED : ERR_NONE;
}

static error_code_t confirm(database_t *database, const authorization_t *authorization)
{
  bytes_t allowed;
  error_code_t error = consent_find(database, authorization->arena, authorization->grant.subject,
                                    authorization->grant.client, &allowed);
  if (error != ERR_NONE)
    return error;
  return allowed.len > 0 && is_covered(allowed, authorization->grant.scope) ? ERR_NONE : ERR_CONSENT_REQUIRED;
}

error_code_t consent_record(database_t *database, const authorization_t *authorization)
{
  if (authorization->consent_scope.len == 0)
    return confirm(database, authorization);
  const audit_event_t row = {.time_ms = authorization->now_ms,
                             .event = "consent.given",
                             .actor = authorization->grant.subject,
                             .subject = authorization->grant.client,
                             .request = bytes_of_string(authorization->request_id)};
  error_code_t error = consent_put(database, authorization->grant.subject, authorization->grant.client,
                                   authorization->consent_scope, authorization->now_ms);
  return error == ERR_NONE ? audit_append(database, &row) : error;
}

static bool ends_host(uint8_t c)
{
  return c == '/' || c == '?' || c == '#';
}

bytes_t consent_host(bytes_t redirect_uri)
{
  const uint8_t *colon = memchr(redirect_uri.data, ':', redirect_uri.len);
  size_t scheme = colon != NULL ? (size_t)(colon - redirect_uri.data) : redirect_uri.len;
  bytes_t rest = bytes_of(redirect_uri.data + scheme, redirect_uri.len - scheme);
  if (rest.len < 3 || memcmp(rest.data, "://", 3) != 0)
    return bytes_of(redirect_uri.data, scheme);
  rest = bytes_of(rest.data + 3, rest.len - 3);
  size_t len = 0;
  while (len < rest.len && !ends_host(rest.data[len]))
    len++;
  return len > 0 ? bytes_of(rest.data, len) : bytes_of(redirect_uri.data, scheme);
}
