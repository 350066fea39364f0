#include <string.h>

#include "config/build.h"

/* A path would leave the cookie, which is the host's, to whatever lies beside it. */
static bool has_path(const char *url)
{
  const char *host = strstr(url, "://");
  return host != NULL && strchr(host + 3, '/') != NULL;
}

static void check(build_t *build, const tree_node_t *node, const config_domain_t *domain)
{
  static const char name[] = "gateway_session";
  if (domain->external_url == NULL)
    problems_add(build->problems, node, name,
                 "needs the address that browsers see, allowed: external_url beside it");
  else if (has_path(domain->external_url))
    problems_add(build->problems, node, name,
                 "has a cookie of the whole host, allowed: an external_url without a path");
  if (domain->push_required)
    problems_add(build->problems, node, name,
                 "cannot push its requests, allowed: neither profile: fapi2 nor "
                 "require_pushed_authorization_requests");
  for (size_t i = 0; i < domain->client_count; i++)
    if (domain->clients[i].id != NULL && strcmp(domain->clients[i].id, GATEWAY_SESSION_CLIENT) == 0)
      problems_add(build->problems, node, name,
                   "is the client " GATEWAY_SESSION_CLIENT ", allowed: another id for the configured one");
}

static text_list_t list_of(build_t *build, const char *text)
{
  text_list_t list = {.items = build_array(build, 1, sizeof *list.items)};
  if (list.items != NULL && text != NULL)
    list.items[list.count++] = text;
  return list;
}

static const char *below(build_t *build, const config_domain_t *domain, const char *path)
{
  const char *origin = domain->external_url != NULL ? domain->external_url : "";
  const char *address = arena_format(build->problems->arena, "%s%s", origin, path);
  build->problems->out_of_memory |= address == NULL;
  return address;
}

/* It asks who somebody is and for no scope: a scope's requirement would be asked for at the door. What the
 * session may do is judged call by call. */
static config_client_t client_of(build_t *build, const config_domain_t *domain)
{
  return (config_client_t){
      .id = GATEWAY_SESSION_CLIENT,
      .name = domain->name,
      .public_client = true,
      .method = CLIENT_NONE,
      .dpop = DPOP_USE_OFF,
      .gateway_session = true,
      .grant_types = list_of(build, "authorization_code"),
      .redirect_uris = list_of(build, below(build, domain, GATEWAY_RETURN_PATH)),
      .post_logout_redirect_uris = list_of(build, below(build, domain, "/")),
      .scopes = list_of(build, "openid"),
      .requirement = build_requirement(build, NULL, "domains[].clients[].entry"),
  };
}

void build_gateway_session(build_t *build, const tree_node_t *node, config_domain_t *domain)
{
  domain->gateway_session = build_boolean(node, "domains[].gateway_session");
  if (!domain->gateway_session)
    return;
  check(build, node, domain);
  config_client_t *clients = build_array(build, domain->client_count + 1, sizeof *clients);
  if (clients == NULL)
    return;
  for (size_t i = 0; i < domain->client_count; i++)
    clients[i] = domain->clients[i];
  clients[domain->client_count++] = client_of(build, domain);
  domain->clients = clients;
}
