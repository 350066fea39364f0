#include <string.h>

#include "config/build.h"

static binding_mode_t mode_of(const char *name)
{
  if (strcmp(name, "ticket") == 0)
    return BINDING_TICKET;
  return strcmp(name, "bound_key") == 0 ? BINDING_BOUND_KEY : BINDING_FIRST_USE;
}

/* A page that the login server serves is no better than its other pages. */
static bool is_of_login_server(const build_t *build, const char *origin)
{
  const text_list_t *origins = &build->config->rp.origins;
  for (size_t i = 0; i < origins->count; i++)
    if (strcmp(origins->items[i], origin) == 0)
      return true;
  return false;
}

void build_own_page(build_t *build, const tree_node_t *node, config_domain_t *domain)
{
  domain->origin = build_text(node, "domains[].origin");
  domain->binding = mode_of(build_text(node, "domains[].binding"));
  if (domain->origin != NULL && strncmp(domain->origin, "http", 4) != 0)
    problems_add(build->problems, node, "origin", "has no pages, allowed: https://host[:port]");
  if (domain->origin != NULL && is_of_login_server(build, domain->origin))
    problems_add(build->problems, node, "origin",
                 "is the login server's, allowed: a host that it does not serve, not among rp.origins");
  if (domain->binding == BINDING_BOUND_KEY && domain->origin == NULL)
    problems_add(build->problems, node, "binding",
                 "needs a page that says what is confirmed, allowed: origin beside bound_key");
}
