#include "authority/route_table.h"

#include <string.h>

static bool method_matches(const char *wanted, bytes_t method)
{
  if (strcmp(wanted, "*") == 0 || bytes_equal_string(method, wanted))
    return true;
  return strcmp(wanted, "GET") == 0 && bytes_equal_string(method, "HEAD");
}

static bool segment_matches(bytes_t pattern, bytes_t segment)
{
  if (pattern.len >= 2 && pattern.data[0] == '{' && pattern.data[pattern.len - 1] == '}')
    return true;
  return bytes_equal(pattern, segment);
}

static bool pattern_matches(const char *pattern, const request_path_t *path)
{
  const char *at = pattern;
  size_t i = 0;
  while (*at == '/' && at[1] != '\0') {
    at++;
    size_t len = strcspn(at, "/");
    if (strcmp(at, "**") == 0)
      return true;
    if (i == path->count || !segment_matches(bytes_of(at, len), path->segments[i]))
      return false;
    i++;
    at += len;
  }
  bool pattern_slash = strcmp(at, "/") == 0 && at != pattern;
  return i == path->count && pattern_slash == path->trailing_slash;
}

const config_route_t *route_table_match(const config_domain_t *domain, bytes_t method,
                                        const request_path_t *path)
{
  for (size_t i = 0; i < domain->route_count; i++) {
    const config_route_t *route = &domain->routes[i];
    if (method_matches(route->method, method) && pattern_matches(route->pattern, path))
      return route;
  }
  return NULL;
}

requirement_t route_requirement(const config_domain_t *domain, const config_route_t *route)
{
  requirement_t requirement = route->requirement;
  for (size_t i = 0; i < route->scopes.count; i++) {
    const config_scope_t *scope = config_find_scope(domain, bytes_of_string(route->scopes.items[i]));
    if (scope != NULL)
      requirement = requirement_join(requirement, scope->requirement);
  }
  return requirement;
}
