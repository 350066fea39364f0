#include "rp/well_known.h"

#include <string.h>

#include "rp/rp.h"

static void reply(const exchange_t *exchange, const builder_t *builder)
{
  http_reply_header(exchange->request, "Cache-Control", "public, max-age=300");
  rp_reply_built(exchange, 200, builder);
}

static size_t list_room(const text_list_t *list)
{
  size_t room = 2;
  for (size_t i = 0; i < list->count; i++)
    room += 3 + 6 * strlen(list->items[i]);
  return room;
}

static void write_list(builder_t *builder, const text_list_t *list)
{
  builder_add_string(builder, "[");
  for (size_t i = 0; i < list->count; i++) {
    builder_add_string(builder, i > 0 ? "," : "");
    builder_add_json_string(builder, bytes_of_string(list->items[i]));
  }
  builder_add_string(builder, "]");
}

static size_t pages_room(const config_t *config)
{
  size_t room = 0;
  for (size_t i = 0; i < config->domain_count; i++)
    if (config->domains[i].origin != NULL)
      room += 3 + 6 * strlen(config->domains[i].origin);
  return room;
}

static void write_origin(builder_t *builder, const char *origin, size_t *listed)
{
  builder_add_string(builder, (*listed)++ > 0 ? "," : "");
  builder_add_json_string(builder, bytes_of_string(origin));
}

/* Browsers ask for it from pages of the listed origins, and of domains' own pages, and follow no redirect;
 * apps have their own files. */
void well_known_webauthn(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const text_list_t *origins = &exchange.config->rp.origins;
  size_t listed = 0;
  builder_t builder = arena_builder(exchange.arena, 32 + list_room(origins) + pages_room(exchange.config));
  builder_add_string(&builder, "{\"origins\":[");
  for (size_t i = 0; i < origins->count; i++)
    if (strncmp(origins->items[i], "http", 4) == 0)
      write_origin(&builder, origins->items[i], &listed);
  for (size_t i = 0; i < exchange.config->domain_count; i++)
    if (exchange.config->domains[i].origin != NULL)
      write_origin(&builder, exchange.config->domains[i].origin, &listed);
  builder_add_string(&builder, "]}");
  reply(&exchange, &builder);
}

void well_known_passkey_endpoints(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  static const struct {
    const char *prefix, *page;
  } members[] = {{"{\"enroll\":", "/account#add"}, {",\"manage\":", "/account"}};
  const char *origin = exchange.settings->public_origin;
  builder_t builder = arena_builder(exchange.arena, 64 + 12 * (strlen(origin) + strlen("/account#add")));
  for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
    const char *address = arena_format(exchange.arena, "%s%s", origin, members[i].page);
    builder_add_string(&builder, members[i].prefix);
    builder_add_json_string(&builder, bytes_of_string(address));
  }
  builder_add_string(&builder, "}");
  reply(&exchange, &builder);
}

/* Android takes an app for a passkey's RP ID only with handle_all_urls; password managers look for
 * get_login_creds. */
static void write_android_statement(builder_t *builder, const config_android_app_t *app)
{
  builder_add_string(builder, "{\"relation\":[\"delegate_permission/common.handle_all_urls\","
                              "\"delegate_permission/common.get_login_creds\"],"
                              "\"target\":{\"namespace\":\"android_app\",\"package_name\":");
  builder_add_json_string(builder, bytes_of_string(app->package));
  builder_add_string(builder, ",\"sha256_cert_fingerprints\":");
  write_list(builder, &app->fingerprints);
  builder_add_string(builder, "}}");
}

void well_known_asset_links(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const config_rp_t *rp = &exchange.config->rp;
  size_t room = 2;
  for (size_t i = 0; i < rp->android_app_count; i++)
    room += 256 + 6 * strlen(rp->android_apps[i].package) + list_room(&rp->android_apps[i].fingerprints);
  if (rp->android_app_count == 0) {
    rp_refuse(&exchange, ERR_NOT_FOUND);
    return;
  }
  builder_t builder = arena_builder(exchange.arena, room);
  builder_add_string(&builder, "[");
  for (size_t i = 0; i < rp->android_app_count; i++) {
    builder_add_string(&builder, i > 0 ? "," : "");
    write_android_statement(&builder, &rp->android_apps[i]);
  }
  builder_add_string(&builder, "]");
  reply(&exchange, &builder);
}

void well_known_apple_app_sites(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const text_list_t *apps = &exchange.config->rp.apple_apps;
  if (apps->count == 0) {
    rp_refuse(&exchange, ERR_NOT_FOUND);
    return;
  }
  builder_t builder = arena_builder(exchange.arena, 64 + list_room(apps));
  builder_add_string(&builder, "{\"webcredentials\":{\"apps\":");
  write_list(&builder, apps);
  builder_add_string(&builder, "}}");
  reply(&exchange, &builder);
}
