#include "demo/product.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/embedded.h"
#include "demo/fetch.h"
#include "demo/product_login.h"
#include "demo/product_session.h"
#include "demo/product_tokens.h"

extern const embedded_file_t web_demo[]; /* web/demo, by scripts/embed */
extern const size_t web_demo_count;

const product_kind_t product_pay = {
    .id = "pay",
    .client_id = "pay-web",
    .entry_scope = "balance.read",
    .actions = {{"balance", "GET", "/api/balance", "balance.read"},
                {"transfer", "POST", "/api/transfers", "transfer"}},
};

const product_kind_t product_coin = {
    .id = "coin",
    .client_id = "coin-web",
    .entry_scope = "portfolio.read",
    .actions = {{"portfolio", "GET", "/api/portfolio", "portfolio.read"},
                {"order", "POST", "/api/orders", "trade"}},
};

/* GET /state: all that the page shows. */
static void show_state(http_request_t *request, void *app)
{
  product_t *product = app;
  arena_t *arena = http_request_arena(request);
  product_session_t session = {0};
  bool known = product_session_read(product, request, &session);
  const config_domain_t *domain =
      config_find_domain(demo_config(product->demo), bytes_of_string(product->kind->id));
  json_t *state =
      json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:o}", "now",
                (json_int_t)(clock_now_ms() / 1000), "id", product->kind->id, "name", domain->name, "issuer",
                domain->issuer, "other", product->other_origin, "rp", product->demo->rp_origin, "fast",
                atomic_load(&product->demo->fast), "signed_in", known && session.access_token[0] != '\0',
                "access", product_token_show(arena, session.access_token), "id_token",
                product_token_show(arena, session.id_token), "internal",
                product_token_show(arena, session.internal_token), "scopes",
                product_scopes_show(arena, product, session.access_token));
  http_reply_json(request, 200, state);
}

static const product_action_t *find_action(const product_t *product, bytes_t name)
{
  for (size_t i = 0; i < PRODUCT_ACTIONS; i++)
    if (bytes_equal_string(name, product->kind->actions[i].name))
      return &product->kind->actions[i];
  return NULL;
}

/* As a gateway does it with forward auth: method and path of the call, the caller's token, nothing else. */
static error_code_t ask_gateway_check(arena_t *arena, const product_t *product,
                                      const product_action_t *action, const char *access_token,
                                      fetch_reply_t *ret_reply)
{
  fetch_request_t call = {
      .method = "GET",
      .url = arena_format(arena, "%s/%s/check/forwarded", product->demo->check_url, product->kind->id),
      .headers = {arena_format(arena, "X-Forwarded-Method: %s", action->method),
                  arena_format(arena, "X-Forwarded-Uri: %s", action->path),
                  access_token[0] != '\0' ? arena_format(arena, "Authorization: Bearer %s", access_token)
                                          : NULL}};
  return fetch(arena, &call, ret_reply);
}

/* POST /call/{action}: the product's API behind its gateway, in one. */
static void call_action(http_request_t *request, void *app)
{
  product_t *product = app;
  arena_t *arena = http_request_arena(request);
  const product_action_t *action = find_action(product, http_request_segment(request, "action"));
  product_session_t session = {0};
  fetch_reply_t checked;
  if (action == NULL) {
    http_reply_error(request, ERR_NOT_FOUND);
    return;
  }
  bool known = product_session_read(product, request, &session);
  error_code_t code = ask_gateway_check(arena, product, action, session.access_token, &checked);
  if (code != ERR_NONE) {
    http_reply_error(request, code);
    return;
  }
  session.internal_token[0] = '\0';
  if (checked.status == 200 && checked.txn_token != NULL)
    snprintf(session.internal_token, sizeof(session.internal_token), "%s", checked.txn_token);
  if (known)
    product_session_write(product, &session);
  json_t *answer = json_pack("{s:i, s:s?, s:s, s:s}", "status", checked.status, "challenge",
                             checked.www_authenticate, "method", action->method, "path", action->path);
  http_reply_json(request, 200, answer);
}

static void leave(http_request_t *request, void *app)
{
  product_t *product = app;
  product_session_t session;
  if (product_session_read(product, request, &session))
    product_session_end(product, &session);
  http_reply_empty(request, 204);
}

/* POST /clock {"fast": true} */
static void switch_clock(http_request_t *request, void *app)
{
  product_t *product = app;
  json_t *body;
  bool fast = false;
  error_code_t code = http_request_json(request, &body);
  if (code == ERR_NONE)
    code = json_get_boolean(body, "fast", false, &fast);
  if (code == ERR_NONE)
    code = demo_switch(product->demo, fast);
  if (code == ERR_NONE)
    http_reply_empty(request, 204);
  else
    http_reply_error(request, code);
}

static void show_file(http_request_t *request, const char *prefix)
{
  bytes_t path = http_request_raw_path(request);
  size_t skip = strlen(prefix);
  bytes_t name =
      path.len > skip ? bytes_of(path.data + skip, path.len - skip) : BYTES_LITERAL("product.html");
  const embedded_file_t *file = embedded_find(web_demo, web_demo_count, name);
  if (file == NULL)
    http_reply_error(request, ERR_NOT_FOUND);
  else
    http_reply_static(request, 200, embedded_content_type(file), bytes_of(file->data, file->len));
}

static void show_page(http_request_t *request, void *app)
{
  (void)app;
  show_file(request, "/");
}

static void show_asset(http_request_t *request, void *app)
{
  (void)app;
  show_file(request, "/assets/");
}

static const http_route_t routes[] = {
    {HTTP_GET, "/", show_page, HTTP_PAGE},
    {HTTP_GET, "/assets/{file}", show_asset, 0},
    {HTTP_GET, "/state", show_state, 0},
    {HTTP_GET, "/enter", product_enter, 0},
    {HTTP_GET, "/callback", product_callback, 0},
    {HTTP_POST, "/call/{action}", call_action, HTTP_SAME_ORIGIN},
    {HTTP_POST, "/leave", leave, HTTP_SAME_ORIGIN},
    {HTTP_POST, "/clock", switch_clock, HTTP_BODY_JSON | HTTP_SAME_ORIGIN},
};

error_code_t product_start(product_t *product, const char *listen, error_detail_t *detail)
{
  error_code_t code = product_sessions_new(product);
  if (code != ERR_NONE)
    return code;
  /* Handlers here wait for sekisho, so each needs a thread; nothing in a real server of ours does. */
  http_server_options_t options = {.listen = listen,
                                   .origins = &product->origin,
                                   .origin_count = 1,
                                   .routes = routes,
                                   .route_count = sizeof(routes) / sizeof(routes[0]),
                                   .app = product,
                                   .limits = http_limits_default,
                                   .threads = 4};
  return http_server_start(&options, &product->server, detail);
}

void product_stop(product_t *product)
{
  if (product->server != NULL)
    http_server_stop(product->server, 500);
  product_sessions_free(product);
}
