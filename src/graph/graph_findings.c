/* Errors are what cannot be meant: something that calls rely on and nobody listed, a service that nobody can
 * call. Notes are what can be meant and is worth knowing. A cycle is a note: a service that is called back is
 * ordinary, no walk runs in it for ever, each token ends no later than the one before, and what it opens is
 * in the reach. */
#include <string.h>

#include "graph/graph.h"

typedef struct list {
  arena_t *arena;
  graph_finding_t *first, **end;
  bool failed;
} list_t;

static void add(list_t *list, bool error, const char *kind, const char *text)
{
  graph_finding_t *finding = arena_alloc(list->arena, sizeof *finding);
  if (finding == NULL || text == NULL) {
    list->failed = true;
    return;
  }
  *finding = (graph_finding_t){.error = error, .kind = kind, .text = text};
  *list->end = finding;
  list->end = &finding->next;
}

/* The configuration's reader refuses most of these by line; not where a domain lists no services at all. */
static void find_unlisted(list_t *list, const graph_t *graph)
{
  bool none = graph->domain->service_count == 0;
  for (size_t i = 0; i < graph->service_count; i++)
    if (!graph->services[i].listed)
      add(list, !none, "unlisted-service",
          arena_format(list->arena, "service %s is not listed: what its calls lead to is unknown",
                       graph->services[i].id));
  for (size_t i = 0; i < graph->offer_count; i++) {
    const graph_service_t *service = &graph->services[graph->offers[i].service];
    if (service->listed && !graph->offers[i].listed)
      add(list, true, "unknown-scope",
          arena_format(list->arena, "%s/%s is named and %s does not offer it", service->id,
                       graph->offers[i].name, service->id));
  }
}

static bool has_scope(const config_domain_t *domain, const char *name)
{
  for (size_t i = 0; i < domain->scope_count; i++)
    if (strcmp(domain->scopes[i].name, name) == 0)
      return true;
  return false;
}

static void find_in_routes(list_t *list, const graph_t *graph)
{
  for (size_t i = 0; i < graph->domain->route_count; i++) {
    const config_route_t *route = &graph->domain->routes[i];
    if (route->service == NULL && route->grants.count > 0)
      add(list, true, "grants-without-service",
          arena_format(list->arena, "route %s %s grants something at no service", route->method,
                       route->pattern));
    for (size_t j = 0; j < route->scopes.count; j++)
      if (!has_scope(graph->domain, route->scopes.items[j]))
        add(list, true, "unknown-scope",
            arena_format(list->arena, "route %s %s asks for %s, which is no scope of the domain",
                         route->method, route->pattern, route->scopes.items[j]));
  }
}

static bool is_used(const graph_t *graph, const char *scope)
{
  for (size_t i = 0; i < graph->entry_count; i++)
    for (size_t j = 0; graph->entries[i].has_route && j < graph->entries[i].scopes.count; j++)
      if (strcmp(graph->entries[i].scopes.items[j], scope) == 0)
        return true;
  return false;
}

static void find_unreached(list_t *list, const graph_t *graph)
{
  for (size_t i = 0; i < graph->service_count; i++)
    if (!graph->services[i].reached && !graph->services[i].has_own)
      add(list, true, "unreachable-service",
          arena_format(list->arena,
                       "service %s: no route and no other service leads to it, and it has no own",
                       graph->services[i].id));
  for (size_t i = 0; i < graph->offer_count; i++) {
    const graph_service_t *service = &graph->services[graph->offers[i].service];
    if (!graph->offers[i].reached && (service->reached || service->has_own))
      add(list, false, "unreachable-offer",
          arena_format(list->arena, "%s/%s: nothing leads to it", service->id, graph->offers[i].name));
  }
  for (size_t i = 0; i < graph->entry_count; i++)
    if (graph->entries[i].kind == GRAPH_SCOPE && !is_used(graph, graph->entries[i].label))
      add(list, false, "unused-scope",
          arena_format(list->arena, "scope %s: no route asks for it", graph->entries[i].label));
}

static void find_self_asks(list_t *list, const graph_t *graph)
{
  for (size_t i = 0; i < graph->offer_count; i++)
    for (size_t edge = graph->asks.first[i]; edge < graph->asks.first[i + 1]; edge++) {
      const graph_offer_t *from = &graph->offers[i], *to = &graph->offers[graph->asks.to[edge]];
      if (from != to && from->service == to->service) /* to the very same one it is a cycle */
        add(list, false, "asks-itself",
            arena_format(list->arena, "service %s: %s opens %s at the service itself",
                         graph->services[from->service].id, from->name, to->name));
    }
}

static const char *cycle_text(arena_t *arena, const graph_t *graph, const size_t *path, size_t len)
{
  size_t size = 32;
  for (size_t i = 0; i <= len; i++) {
    const graph_offer_t *offer = &graph->offers[path[i % len]];
    size += strlen(offer->name) + strlen(graph->services[offer->service].id) + 8;
  }
  builder_t text = arena_builder(arena, size);
  builder_add_string(&text, "cycle: ");
  for (size_t i = 0; i <= len; i++) {
    const graph_offer_t *offer = &graph->offers[path[i % len]];
    builder_add_string(&text, i > 0 ? " → " : "");
    builder_add_string(&text, graph->services[offer->service].id);
    builder_add_string(&text, "/");
    builder_add_string(&text, offer->name);
  }
  builder_add_u8(&text, 0);
  return text.failed ? NULL : (const char *)text.data;
}

/* One for each knot of offers: a shortest way around, from its first offer on. */
static void find_cycles(list_t *list, const graph_t *graph)
{
  size_t count = 0;
  digraph_marks_t marks;
  size_t *components = digraph_components(list->arena, &graph->asks, &count);
  size_t *sizes = arena_alloc(list->arena, (count + 1) * sizeof *sizes);
  bool *told = arena_alloc(list->arena, count + 1);
  list->failed |= components == NULL || sizes == NULL || told == NULL ||
                  !digraph_marks_init(list->arena, &graph->asks, &marks);
  for (size_t i = 0; !list->failed && i < graph->offer_count; i++)
    sizes[components[i]]++;
  for (size_t i = 0; !list->failed && i < graph->offer_count; i++) {
    bool knot = sizes[components[i]] > 1;
    size_t *path = NULL, len = 0;
    for (size_t edge = graph->asks.first[i]; !knot && edge < graph->asks.first[i + 1]; edge++)
      knot = graph->asks.to[edge] == i;
    if (!knot || told[components[i]])
      continue;
    told[components[i]] = true;
    if (digraph_cycle(list->arena, &graph->asks, components, i, &marks, &path, &len))
      add(list, false, "cycle", cycle_text(list->arena, graph, path, len));
    else
      list->failed = true; /* a knot has a way around: memory was short */
  }
}

bool graph_find(arena_t *arena, const graph_t *graph, const graph_finding_t **ret_first)
{
  list_t list = {.arena = arena};
  list.end = &list.first;
  find_unlisted(&list, graph);
  find_in_routes(&list, graph);
  find_unreached(&list, graph);
  find_self_asks(&list, graph);
  find_cycles(&list, graph);
  *ret_first = list.first;
  return !list.failed;
}
