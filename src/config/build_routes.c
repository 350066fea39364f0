#include <string.h>

#include "config/build.h"

#define ROUTE_GRANTS_MAX 1000

/* Members that ask or give something: a public route has none of them. */
static const char *const guards[] = {"scopes", "grants", "service", "acr", "max_age", "evidence"};

static void check_public(build_t *build, const tree_node_t *node)
{
  for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++)
    if (tree_child(node, guards[i]) != NULL)
      problems_add(build->problems, node, guards[i],
                   "a public route lets everyone through, allowed: match and public alone, or no public");
}

static void check_scopes(build_t *build, const tree_node_t *node, const config_domain_t *domain)
{
  const tree_node_t *scopes = tree_child(node, "scopes");
  if (scopes == NULL || scopes->kind != TREE_LIST)
    return;
  for (const tree_node_t *scope = scopes->first; scope != NULL; scope = scope->next)
    if (scope->kind == TREE_SCALAR && config_find_scope(domain, bytes_of_string(scope->text)) == NULL)
      problems_add(build->problems, scope, NULL,
                   "\"%.64s\" is no scope of this domain, allowed: those below scopes", scope->text);
}

/* The scalar behind a member, NULL when there is none: for loops over all entries. */
static const char *member_text(const tree_node_t *map, const char *name)
{
  const tree_node_t *child = tree_child(map, name);
  return child != NULL && child->kind == TREE_SCALAR ? child->text : NULL;
}

static const tree_node_t *find_service(const tree_node_t *services, const char *id)
{
  for (const tree_node_t *node = services->first; node != NULL; node = node->next) {
    const char *name = member_text(node, "id");
    if (name != NULL && strcmp(name, id) == 0)
      return node;
  }
  return NULL;
}

/* Where services are listed, a route leads to one of them and grants what it offers. */
static void check_service(build_t *build, const tree_node_t *node, const tree_node_t *services)
{
  const char *id = build_text(node, "domains[].routes[].service");
  const tree_node_t *grants = tree_child(node, "grants");
  if (id == NULL && grants != NULL && grants->count > 0)
    problems_add(build->problems, node, "grants",
                 "has no service to grant it at, allowed: service beside grants");
  if (id == NULL || services == NULL || services->kind != TREE_LIST || services->count == 0)
    return;
  const tree_node_t *service = find_service(services, id);
  if (service == NULL) {
    problems_add(build->problems, node, "service", "\"%.32s\" is no service, allowed: an id below services",
                 id);
    return;
  }
  if (grants == NULL || grants->kind != TREE_LIST)
    return;
  for (const tree_node_t *grant = grants->first; grant != NULL; grant = grant->next)
    if (grant->kind == TREE_SCALAR && tree_child(tree_child(service, "offers"), grant->text) == NULL)
      problems_add(build->problems, grant, NULL, "\"%.64s\" is not offered by %.32s, allowed: what it offers",
                   grant->text, id);
}

/* Equal but for the names of their parameters: the later would never match. */
static bool is_same_match(const char *a, const char *b)
{
  while (*a != '\0' && *a == *b) {
    if (*a == '{') {
      a += strcspn(a, "}");
      b += strcspn(b, "}");
      continue;
    }
    a++;
    b++;
  }
  return *a == *b;
}

static void check_duplicate(build_t *build, const tree_node_t *node)
{
  const char *match = build_text(node, "domains[].routes[].match");
  for (const tree_node_t *other = node->parent->first; match != NULL && other != node; other = other->next) {
    const char *earlier = member_text(other, "match");
    if (earlier != NULL && is_same_match(match, earlier)) {
      problems_add(build->problems, node, "match", "\"%.200s\" is on line %d already, keep one", match,
                   other->line);
      return;
    }
  }
}

/* The internal token travels in one header field, and gateways keep little room for it. */
static void check_grants_fit(build_t *build, const tree_node_t *node, const config_route_t *route)
{
  size_t len = 0;
  for (size_t i = 0; i < route->grants.count; i++)
    len += strlen(route->grants.items[i]) + 1;
  if (len > ROUTE_GRANTS_MAX)
    problems_add(build->problems, node, "grants", "are %zu bytes in all, allowed: %d, names and a space each",
                 len, ROUTE_GRANTS_MAX);
}

static config_route_t build_route(build_t *build, const tree_node_t *node)
{
  const char *match = build_text(node, "domains[].routes[].match");
  const char *space = match != NULL ? strchr(match, ' ') : NULL;
  config_route_t route = {
      .method = "",
      .pattern = space != NULL ? space + 1 : "",
      .public_route = build_boolean(node, "domains[].routes[].public"),
      .scopes = build_list(build, tree_child(node, "scopes")),
      .grants = build_list(build, tree_child(node, "grants")),
      .service = build_text(node, "domains[].routes[].service"),
      .requirement = build_requirement(build, node, "domains[].routes[]"),
      .line = node->line,
  };
  if (space != NULL)
    route.method = arena_string(build->problems->arena, bytes_of(match, (size_t)(space - match)));
  build->problems->out_of_memory |= route.method == NULL;
  return route;
}

const config_route_t *build_routes(build_t *build, const tree_node_t *domain_node,
                                   const config_domain_t *domain, size_t *ret_count)
{
  const tree_node_t *routes = tree_child(domain_node, "routes");
  if (routes == NULL || routes->kind != TREE_LIST)
    return NULL;
  config_route_t *array = build_array(build, routes->count, sizeof *array);
  if (array == NULL)
    return NULL;
  for (const tree_node_t *node = routes->first; node != NULL; node = node->next) {
    if (node->kind != TREE_MAP)
      continue;
    config_route_t *route = &array[(*ret_count)++];
    *route = build_route(build, node);
    check_duplicate(build, node);
    if (route->public_route) {
      check_public(build, node);
      continue;
    }
    check_scopes(build, node, domain);
    check_service(build, node, tree_child(domain_node, "services"));
    check_grants_fit(build, node, route);
  }
  return array;
}
