#include "authority/internal_token.h"

#include "base/secret.h"
#include "crypto/jws.h"

/* Signed with the longest key, still below the 4 KiB that gateways keep for a header field. What the
 * configuration takes at most fits (grants: 1000 bytes). */
#define CLAIMS_MAX 2700

static void add_member(builder_t *claims, const char *name)
{
  builder_add_string(claims, ",\"");
  builder_add_string(claims, name);
  builder_add_string(claims, "\":");
}

static void add_text(builder_t *claims, const char *name, bytes_t text)
{
  add_member(claims, name);
  builder_add_json_string(claims, text);
}

static void add_seconds(builder_t *claims, const char *name, int64_t time_ms)
{
  add_member(claims, name);
  builder_add_decimal(claims, time_ms / 1000);
}

/* The trust domain, and the next service in it: nobody else may take the token. */
static void add_audience(builder_t *claims, const config_domain_t *domain, const config_route_t *route)
{
  add_member(claims, "aud");
  builder_add_u8(claims, '[');
  builder_add_json_string(claims, bytes_of_string(domain->internal_audience));
  if (route->service != NULL) {
    builder_add_u8(claims, ',');
    builder_add_json_string(claims, bytes_of_string(route->service));
  }
  builder_add_u8(claims, ']');
}

/* What the route grants; never the external token's scope. */
static void add_scope(builder_t *claims, const config_route_t *route)
{
  uint8_t memory[1024];
  builder_t scope = builder_over(memory, sizeof(memory));
  for (size_t i = 0; i < route->grants.count; i++) {
    if (i > 0)
      builder_add_u8(&scope, ' ');
    builder_add_string(&scope, route->grants.items[i]);
  }
  claims->failed = claims->failed || scope.failed;
  add_text(claims, "scope", builder_bytes(&scope));
}

static void add_transaction(builder_t *claims)
{
  uint8_t random[16], memory[32];
  random_fill(random, sizeof(random));
  builder_t text = builder_over(memory, sizeof(memory));
  builder_add_base64url(&text, bytes_of(random, sizeof(random)));
  add_text(claims, "txn", builder_bytes(&text));
}

/* By which an exchange sees that what is behind the token was revoked. */
static void add_grant(builder_t *claims, const access_token_t *token)
{
  add_member(claims, "grant");
  builder_add_u8(claims, '"');
  builder_add_base64url(claims, bytes_of(token->grant.bytes, sizeof token->grant.bytes));
  builder_add_u8(claims, '"');
}

/* How the call came in. The path is the route's template: the real one may carry account numbers. */
static void add_request_context(builder_t *claims, const access_token_t *token, internal_grant_t grant)
{
  add_member(claims, "rctx");
  builder_add_string(claims, "{\"method\":");
  builder_add_json_string(claims, grant.method);
  add_text(claims, "path", bytes_of_string(grant.route->pattern));
  add_text(claims, "client_id", token->client);
  if (token->acr.len > 0) {
    add_text(claims, "acr", token->acr);
    add_seconds(claims, "auth_time", token->auth_time_ms);
  }
  builder_add_u8(claims, '}');
}

/* What the transaction is about, as far as the external token says. */
static void add_transaction_context(builder_t *claims, bytes_t details)
{
  add_member(claims, "tctx");
  builder_add_u8(claims, '{');
  if (details.len > 0) {
    builder_add_string(claims, "\"authorization_details\":");
    builder_add(claims, details);
  }
  builder_add_u8(claims, '}');
}

error_code_t internal_token_build(arena_t *arena, const domain_settings_t *settings, const signing_key_t *key,
                                  const access_token_t *token, internal_grant_t grant, int64_t now_ms,
                                  bytes_t *ret_text)
{
  const config_domain_t *domain = settings->config;
  int64_t expires_ms = now_ms + domain->internal_lifetime_ms;
  if (expires_ms > token->expires_ms)
    expires_ms = token->expires_ms;
  builder_t claims = arena_builder(arena, CLAIMS_MAX);
  builder_add_string(&claims, "{\"iss\":");
  builder_add_json_string(&claims, bytes_of_string(domain->issuer));
  add_audience(&claims, domain, grant.route);
  add_transaction(&claims);
  add_text(&claims, "sub", token->subject);
  add_scope(&claims, grant.route);
  add_seconds(&claims, "iat", now_ms);
  add_seconds(&claims, "exp", expires_ms);
  add_text(&claims, "req_wl", bytes_of_string("gateway"));
  add_grant(&claims, token);
  add_member(&claims, "act");
  builder_add_string(&claims, "{\"sub\":");
  builder_add_json_string(&claims, token->client);
  builder_add_u8(&claims, '}');
  add_request_context(&claims, token, grant);
  add_transaction_context(&claims, token->details);
  builder_add_u8(&claims, '}');
  if (claims.failed)
    return ERR_INTERNAL;
  return jws_sign(arena, key, INTERNAL_TOKEN_TYPE, builder_bytes(&claims), ret_text);
}
