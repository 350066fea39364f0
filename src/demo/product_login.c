#include "demo/product_login.h"

#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"
#include "demo/fetch.h"
#include "demo/product_session.h"

static const config_domain_t *own_domain(const product_t *product)
{
  return config_find_domain(demo_config(product->demo), bytes_of_string(product->kind->id));
}

static const char *redirect_uri(arena_t *arena, const product_t *product)
{
  return arena_format(arena, "%s/callback", product->origin);
}

/* Asked for the action alone, on top of the entry: "transfer" is only wanted once somebody sends money. */
static const char *wanted_scope(arena_t *arena, const product_t *product, bytes_t action)
{
  for (size_t i = 0; i < PRODUCT_ACTIONS; i++)
    if (bytes_equal_string(action, product->kind->actions[i].name) &&
        strcmp(product->kind->actions[i].scope, product->kind->entry_scope) != 0)
      return arena_format(arena, "openid %s %s", product->kind->entry_scope, product->kind->actions[i].scope);
  return arena_format(arena, "openid %s", product->kind->entry_scope);
}

static void add_parameter(builder_t *url, arena_t *arena, const char *name, const char *value)
{
  const char *escaped = value != NULL && value[0] != '\0' ? fetch_escape(arena, value) : NULL;
  if (escaped == NULL)
    return;
  builder_add_u8(url, '&');
  builder_add_string(url, name);
  builder_add_u8(url, '=');
  builder_add_string(url, escaped);
}

static const char *authorize_url(arena_t *arena, const product_t *product, const product_session_t *session,
                                 const http_form_t *query)
{
  sha256_t challenge;
  char challenge_text[44] = {0};
  if (hash_sha256(bytes_of_string(session->verifier), &challenge) != ERR_NONE)
    return NULL;
  builder_t out = builder_over(challenge_text, 43);
  builder_add_base64url(&out, hash_bytes(&challenge));
  builder_t url = arena_builder(arena, 4096);
  builder_add_string(&url, product->demo->rp_origin);
  builder_add_u8(&url, '/');
  builder_add_string(&url, product->kind->id);
  builder_add_string(&url, "/authorize?response_type=code");
  add_parameter(&url, arena, "client_id", product->kind->client_id);
  add_parameter(&url, arena, "redirect_uri", redirect_uri(arena, product));
  add_parameter(&url, arena, "scope", wanted_scope(arena, product, http_form_get(query, "action")));
  add_parameter(&url, arena, "state", session->state);
  add_parameter(&url, arena, "nonce", session->state);
  add_parameter(&url, arena, "code_challenge", challenge_text);
  add_parameter(&url, arena, "code_challenge_method", "S256");
  add_parameter(&url, arena, "acr_values", arena_string(arena, http_form_get(query, "acr_values")));
  add_parameter(&url, arena, "max_age", arena_string(arena, http_form_get(query, "max_age")));
  builder_add_u8(&url, '\0');
  return url.failed ? NULL : (const char *)url.data;
}

void product_enter(http_request_t *request, void *app)
{
  product_t *product = app;
  arena_t *arena = http_request_arena(request);
  http_form_t *query;
  product_session_t session;
  if (http_request_query(request, &query) != ERR_NONE) {
    http_reply_error(request, ERR_MALFORMED);
    return;
  }
  if (!product_session_read(product, request, &session))
    product_session_begin(product, request, &session);
  product_random_text(session.state);
  product_random_text(session.verifier);
  product_session_write(product, &session);
  const char *url = authorize_url(arena, product, &session, query);
  if (url == NULL)
    http_reply_error(request, ERR_INTERNAL);
  else
    http_reply_redirect(request, 303, url);
}

static error_code_t redeem(arena_t *arena, const product_t *product, const product_session_t *session,
                           bytes_t code, json_t **ret_answer)
{
  const config_domain_t *domain = own_domain(product);
  const char *code_text = fetch_escape(arena, arena_string(arena, code));
  const char *back = fetch_escape(arena, redirect_uri(arena, product));
  if (domain == NULL || code_text == NULL || back == NULL)
    return ERR_INTERNAL;
  const char *form = arena_format(
      arena, "grant_type=authorization_code&code=%s&redirect_uri=%s&client_id=%s&code_verifier=%s", code_text,
      back, product->kind->client_id, session->verifier);
  fetch_request_t call = {.method = "POST",
                          .url = arena_format(arena, "%s/token", domain->issuer),
                          .headers = {"Content-Type: application/x-www-form-urlencoded"},
                          .form = bytes_of_string(form)};
  fetch_reply_t reply;
  error_code_t error = fetch(arena, &call, &reply);
  if (error != ERR_NONE)
    return error;
  return reply.status == 200 ? json_parse(reply.body, ret_answer) : ERR_TOKEN;
}

static bool keep_token(const json_t *answer, const char *name, char kept[PRODUCT_TOKEN_MAX])
{
  bytes_t text = BYTES_NONE;
  if (json_get_text(answer, name, &text) != ERR_NONE || text.len == 0 || text.len >= PRODUCT_TOKEN_MAX)
    return false;
  memcpy(kept, text.data, text.len);
  kept[text.len] = '\0';
  return true;
}

void product_callback(http_request_t *request, void *app)
{
  product_t *product = app;
  arena_t *arena = http_request_arena(request);
  http_form_t *query;
  product_session_t session;
  if (!product_session_read(product, request, &session) || http_request_query(request, &query) != ERR_NONE ||
      session.state[0] == '\0' || !bytes_equal_string(http_form_get(query, "state"), session.state) ||
      !bytes_equal_string(http_form_get(query, "iss"), own_domain(product)->issuer)) {
    http_reply_redirect(request, 303, "/?problem=state");
    return;
  }
  session.state[0] = '\0';
  product_session_write(product, &session);
  CLEANUP(json_drop) json_t *answer = NULL;
  bytes_t code = http_form_get(query, "code");
  if (code.len == 0 || redeem(arena, product, &session, code, &answer) != ERR_NONE) {
    http_reply_redirect(request, 303, code.len == 0 ? "/?problem=declined" : "/?problem=token");
    return;
  }
  if (!keep_token(answer, "access_token", session.access_token) ||
      !keep_token(answer, "id_token", session.id_token)) {
    http_reply_redirect(request, 303, "/?problem=token");
    return;
  }
  session.verifier[0] = '\0';
  product_session_write(product, &session);
  http_reply_redirect(request, 303, "/");
}
