#include "authority/listeners.h"

#include <string.h>

#include "authority/handoff_routes.h"

#define LISTENERS_MAX 3
#define ROUTES_ARENA_MAX ((size_t)1024 * 1024)
/* A hand-off message carries a session's evidence, bytes included. */
#define HANDOFF_BODY_MAX ((size_t)256 * 1024)
#define GATEWAY_CONNECTIONS 4096

struct listeners {
  arena_t *arena;
  http_server_t *servers[LISTENERS_MAX];
  size_t count;
};

/* --- routes --- */

typedef struct route_list {
  http_route_t *rows;
  size_t count, capacity;
} route_list_t;

static bool has_route(const route_list_t *list, http_method_t method, const char *path)
{
  for (size_t i = 0; i < list->count; i++)
    if (list->rows[i].method == method && strcmp(list->rows[i].path, path) == 0)
      return true;
  return false;
}

static error_code_t add_route(route_list_t *list, const http_route_t *row, const char *path)
{
  if (path == NULL || list->count == list->capacity)
    return ERR_NO_MEMORY;
  if (has_route(list, row->method, path))
    return ERR_NONE; /* two issuers of one path, told apart by their hosts */
  list->rows[list->count] = *row;
  list->rows[list->count++].path = path;
  return ERR_NONE;
}

static error_code_t add_rows(arena_t *arena, route_list_t *list, const route_rows_t *rows, const char *before,
                             const char *behind)
{
  error_code_t error = ERR_NONE;
  for (size_t i = 0; i < rows->count && error == ERR_NONE; i++)
    error =
        add_route(list, &rows->rows[i], arena_format(arena, "%s%s%s", before, rows->rows[i].path, behind));
  return error;
}

static error_code_t route_list_new(arena_t *arena, size_t capacity, route_list_t *ret_list)
{
  http_route_t *rows = arena_alloc(arena, capacity * sizeof *rows);
  if (rows == NULL)
    return ERR_NO_MEMORY;
  *ret_list = (route_list_t){.rows = rows, .capacity = capacity};
  return ERR_NONE;
}

static error_code_t public_list(arena_t *arena, const authority_t *authority, route_list_t *ret_list)
{
  size_t domains = authority_domain_count(authority);
  error_code_t error = route_list_new(
      arena, health_routes.count + domains * (2 * issuer_routes.count + inserted_routes.count), ret_list);
  if (error == ERR_NONE)
    error = add_rows(arena, ret_list, &health_routes, "", "");
  for (size_t i = 0; i < domains && error == ERR_NONE; i++) {
    const domain_settings_t *settings = domain_settings(authority_domain_at(authority, i));
    error = add_rows(arena, ret_list, &issuer_routes, settings->issuer_path, "");
    if (error == ERR_NONE)
      error = add_rows(arena, ret_list, &inserted_routes, "", settings->issuer_path);
    if (error == ERR_NONE && settings->mtls_path != NULL)
      error = add_rows(arena, ret_list, &issuer_routes, settings->mtls_path, "");
  }
  return error;
}

static error_code_t socket_list(arena_t *arena, route_list_t *ret_list)
{
  error_code_t error = route_list_new(arena, HANDOFF_KINDS + admin_routes.count, ret_list);
  if (error == ERR_NONE)
    error = add_rows(arena, ret_list, &admin_routes, "", "");
  for (size_t i = 0; i < HANDOFF_KINDS && error == ERR_NONE; i++) {
    const http_route_t row = {HTTP_POST, handoff_messages[i].path, handoff_handlers[i], HTTP_BODY_JSON};
    error = add_route(ret_list, &row, row.path);
  }
  return error;
}

/* --- servers --- */

/* The issuers' hosts, those where they ask for certificates, and the address itself for whoever looks from
 * the same machine. */
static error_code_t public_hosts(arena_t *arena, const authority_t *authority, const config_t *config,
                                 http_server_options_t *options)
{
  size_t domains = authority_domain_count(authority);
  const char **hosts = arena_alloc(arena, (2 * domains + 1) * sizeof *hosts);
  if (hosts == NULL)
    return ERR_NO_MEMORY;
  size_t count = 0;
  hosts[count++] = config->authority_listen;
  for (size_t i = 0; i < domains; i++) {
    const domain_settings_t *settings = domain_settings(authority_domain_at(authority, i));
    hosts[count++] = settings->issuer_host;
    if (settings->mtls_host != NULL)
      hosts[count++] = settings->mtls_host;
  }
  for (size_t i = 0; i < count; i++) {
    hosts[i] = arena_string(arena, bytes_of_string(hosts[i]));
    if (hosts[i] == NULL)
      return ERR_NO_MEMORY;
  }
  options->hosts = hosts;
  options->host_count = count;
  return ERR_NONE;
}

static error_code_t start(listeners_t *listeners, http_server_options_t *options, error_detail_t *detail)
{
  error_code_t error = http_server_start(options, &listeners->servers[listeners->count], detail);
  if (error == ERR_NONE)
    listeners->count++;
  return error;
}

static http_server_options_t options_for(authority_t *authority, const route_list_t *routes, const char *at)
{
  return (http_server_options_t){.listen = at,
                                 .routes = routes->rows,
                                 .route_count = routes->count,
                                 .app = authority,
                                 .limits = http_limits_default,
                                 .threads = 2};
}

static error_code_t start_socket(listeners_t *listeners, authority_t *authority, const config_t *config,
                                 error_detail_t *detail)
{
  route_list_t routes;
  char *path = config_run_path(listeners->arena, config, "authority.sock");
  char *at = path != NULL ? arena_format(listeners->arena, "unix:%s", path) : NULL;
  error_code_t error = at != NULL ? socket_list(listeners->arena, &routes) : ERR_NO_MEMORY;
  if (error != ERR_NONE)
    return error;
  http_server_options_t options = options_for(authority, &routes, at);
  options.limits.body = HANDOFF_BODY_MAX;
  options.limits.connections_per_address = 0; /* one peer, and it is ours */
  return start(listeners, &options, detail);
}

static error_code_t start_public(listeners_t *listeners, authority_t *authority, const config_t *config,
                                 error_detail_t *detail)
{
  route_list_t routes;
  error_code_t error = public_list(listeners->arena, authority, &routes);
  if (error != ERR_NONE)
    return error;
  char *at = arena_string(listeners->arena, bytes_of_string(config->authority_listen));
  http_server_options_t options = options_for(authority, &routes, at);
  error = public_hosts(listeners->arena, authority, config, &options);
  return error == ERR_NONE ? start(listeners, &options, detail) : error;
}

static error_code_t start_internal(listeners_t *listeners, authority_t *authority, const config_t *config,
                                   error_detail_t *detail)
{
  const route_list_t routes = {.rows = (http_route_t *)(uintptr_t)internal_routes.rows,
                               .count = internal_routes.count};
  char *at = arena_string(listeners->arena, bytes_of_string(config->authority_internal));
  http_server_options_t options = options_for(authority, &routes, at);
  options.limits.connections_per_address = GATEWAY_CONNECTIONS; /* a gateway is one address */
  return start(listeners, &options, detail);
}

error_code_t listeners_start(authority_t *authority, const config_t *config, bool admin_only,
                             listeners_t **ret_listeners, error_detail_t *detail)
{
  arena_t *arena = arena_new(8192, ROUTES_ARENA_MAX);
  listeners_t *listeners = arena != NULL ? arena_alloc(arena, sizeof *listeners) : NULL;
  if (listeners == NULL) {
    arena_free(arena);
    return ERR_NO_MEMORY;
  }
  listeners->arena = arena;
  error_code_t error = start_socket(listeners, authority, config, detail);
  if (error == ERR_NONE && !admin_only)
    error = start_public(listeners, authority, config, detail);
  if (error == ERR_NONE && !admin_only)
    error = start_internal(listeners, authority, config, detail);
  if (error != ERR_NONE) {
    listeners_stop(listeners, 0);
    return error;
  }
  *ret_listeners = listeners;
  return ERR_NONE;
}

void listeners_stop(listeners_t *listeners, int64_t grace_ms)
{
  if (listeners == NULL)
    return;
  for (size_t i = listeners->count; i-- > 0;)
    http_server_stop(listeners->servers[i], grace_ms);
  arena_free(listeners->arena);
}
