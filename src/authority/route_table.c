#include "authority/route_table.h"

#include <string.h>
#include <strings.h>

static bool method_matches(const char *wanted, bytes_t method)
{
  if (strcmp(wanted, "*") == 0 || bytes_equal_string(method, wanted))
    return true;
  return strcmp(wanted, "GET") == 0 && bytes_equal_string(method, "HEAD");
}

/* How a path stands to a pattern. NEAR: it would match if letter case or a slash at the end did not count. */
typedef enum closeness { APART, NEAR, EXACT } closeness_t;

static bool is_capture(bytes_t segment)
{
  return segment.len >= 2 && segment.data[0] == '{' && segment.data[segment.len - 1] == '}';
}

static closeness_t segment_match(bytes_t pattern, bytes_t segment)
{
  if (is_capture(pattern) || bytes_equal(pattern, segment))
    return EXACT;
  bool near = pattern.len == segment.len &&
              strncasecmp((const char *)pattern.data, (const char *)segment.data, segment.len) == 0;
  return near ? NEAR : APART;
}

static closeness_t pattern_match(const char *pattern, const request_path_t *path)
{
  const char *at = pattern;
  closeness_t so_far = EXACT;
  size_t i = 0;
  while (*at == '/' && at[1] != '\0') {
    at++;
    size_t len = strcspn(at, "/");
    if (strcmp(at, "**") == 0)
      return so_far;
    if (i == path->count)
      return APART;
    closeness_t segment = segment_match(bytes_of(at, len), path->segments[i]);
    if (segment == APART)
      return APART;
    if (segment == NEAR)
      so_far = NEAR;
    i++;
    at += len;
  }
  bool pattern_slash = strcmp(at, "/") == 0 && at != pattern;
  if (i != path->count)
    return APART;
  return pattern_slash == path->trailing_slash ? so_far : NEAR;
}

/* Patterns that differ in letter case, a slash at the end and parameters' names only: somebody wrote down
 * both forms, so neither is taken for the other by mistake. */
static bool is_other_form(const char *a, const char *b)
{
  while (*a != '\0' && strncasecmp(a, b, 1) == 0) {
    if (*a == '{') {
      a += strcspn(a, "}");
      b += strcspn(b, "}");
    }
    a++;
    b++;
  }
  a += strcmp(a, "/") == 0;
  b += strcmp(b, "/") == 0;
  return *a == '\0' && *b == '\0';
}

const config_route_t *route_table_match(const config_domain_t *domain, bytes_t method,
                                        const request_path_t *path)
{
  const config_route_t *near = NULL;
  for (size_t i = 0; i < domain->route_count; i++) {
    const config_route_t *route = &domain->routes[i];
    if (!method_matches(route->method, method))
      continue;
    closeness_t closeness = pattern_match(route->pattern, path);
    if (closeness == EXACT)
      return near == NULL || is_other_form(near->pattern, route->pattern) ? route : NULL;
    if (closeness == NEAR && near == NULL)
      near = route;
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
