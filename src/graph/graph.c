#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"

/* --- nodes: whatever is listed or named --- */

/* Without an offer's name: the service itself. */
typedef struct mention {
  const char *service, *offer;
  bool listed;
} mention_t;

typedef struct mentions {
  mention_t *items; /* NULL: count only */
  size_t count;
} mentions_t;

static void mention(mentions_t *mentions, const char *service, const char *offer, bool listed)
{
  if (mentions->items != NULL)
    mentions->items[mentions->count] = (mention_t){service, offer, listed};
  mentions->count++;
}

static void mention_asks(mentions_t *mentions, const config_asks_t *asks, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    mention(mentions, asks[i].service, "", false);
    for (size_t j = 0; j < asks[i].scopes.count; j++)
      mention(mentions, asks[i].service, asks[i].scopes.items[j], false);
  }
}

static void mention_all(mentions_t *mentions, const config_domain_t *domain)
{
  for (size_t i = 0; i < domain->service_count; i++) {
    const config_service_t *service = &domain->services[i];
    mention(mentions, service->id, "", true);
    mention_asks(mentions, service->own, service->own_count);
    for (size_t j = 0; j < service->offer_count; j++) {
      mention(mentions, service->id, service->offers[j].name, true);
      mention_asks(mentions, service->offers[j].asks, service->offers[j].ask_count);
    }
  }
  for (size_t i = 0; i < domain->route_count; i++) {
    const config_route_t *route = &domain->routes[i];
    if (route->service == NULL)
      continue;
    mention(mentions, route->service, "", false);
    for (size_t j = 0; j < route->grants.count; j++)
      mention(mentions, route->service, route->grants.items[j], false);
  }
}

/* The listed mention comes before those that only name it. */
static int compare_mentions(const void *a, const void *b)
{
  const mention_t *x = a, *y = b;
  int order = strcmp(x->service, y->service);
  if (order == 0)
    order = strcmp(x->offer, y->offer);
  return order != 0 ? order : (int)y->listed - (int)x->listed;
}

static void add_mention(graph_t *graph, const mention_t *item)
{
  graph_service_t *last = graph->service_count > 0 ? &graph->services[graph->service_count - 1] : NULL;
  if (item->offer[0] == '\0') {
    if (last == NULL || strcmp(last->id, item->service) != 0)
      graph->services[graph->service_count++] =
          (graph_service_t){.id = item->service, .first = graph->offer_count, .listed = item->listed};
    return;
  }
  if (last == NULL ||
      (last->count > 0 && strcmp(graph->offers[graph->offer_count - 1].name, item->offer) == 0))
    return;
  last->count++;
  graph->offers[graph->offer_count++] =
      (graph_offer_t){.name = item->offer, .service = graph->service_count - 1, .listed = item->listed};
}

static bool build_nodes(arena_t *arena, graph_t *graph)
{
  mentions_t mentions = {0};
  mention_all(&mentions, graph->domain);
  size_t most = mentions.count + 1; /* never nothing: an arena's memory of no bytes is no array */
  mentions = (mentions_t){.items = arena_alloc(arena, most * sizeof(mention_t))};
  graph->services = arena_alloc(arena, most * sizeof(graph_service_t));
  graph->offers = arena_alloc(arena, most * sizeof(graph_offer_t));
  if (mentions.items == NULL || graph->services == NULL || graph->offers == NULL)
    return false;
  mention_all(&mentions, graph->domain);
  qsort(mentions.items, mentions.count, sizeof(mention_t), compare_mentions);
  for (size_t i = 0; i < mentions.count; i++)
    add_mention(graph, &mentions.items[i]);
  return true;
}

/* Never fails for what was mentioned. */
static graph_service_t *find_service(const graph_t *graph, const char *id)
{
  size_t low = 0, high = graph->service_count;
  while (low + 1 < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(graph->services[middle].id, id) <= 0)
      low = middle;
    else
      high = middle;
  }
  return &graph->services[low];
}

static size_t find_offer(const graph_t *graph, const char *service_id, const char *name)
{
  const graph_service_t *service = find_service(graph, service_id);
  size_t low = service->first, high = service->first + service->count;
  while (low + 1 < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(graph->offers[middle].name, name) <= 0)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* --- edges --- */

static size_t count_asks(const config_asks_t *asks, size_t count)
{
  size_t all = 0;
  for (size_t i = 0; i < count; i++)
    all += asks[i].scopes.count;
  return all;
}

static bool build_edges(arena_t *arena, graph_t *graph)
{
  const config_domain_t *domain = graph->domain;
  const config_offer_t **sources = arena_alloc(arena, (graph->offer_count + 1) * sizeof(void *));
  size_t edges = 0;
  for (size_t i = 0; sources != NULL && i < domain->service_count; i++)
    for (size_t j = 0; j < domain->services[i].offer_count; j++) {
      const config_offer_t *offer = &domain->services[i].offers[j];
      sources[find_offer(graph, domain->services[i].id, offer->name)] = offer;
      edges += count_asks(offer->asks, offer->ask_count);
    }
  if (sources == NULL || !digraph_init(arena, &graph->asks, graph->offer_count, edges))
    return false;
  for (size_t i = 0; i < graph->offer_count; i++) {
    for (size_t j = 0; sources[i] != NULL && j < sources[i]->ask_count; j++) {
      const config_asks_t *asks = &sources[i]->asks[j];
      for (size_t k = 0; k < asks->scopes.count; k++)
        digraph_add(&graph->asks, i, find_offer(graph, asks->service, asks->scopes.items[k]));
    }
    digraph_close(&graph->asks, i);
  }
  return true;
}

/* --- entries --- */

static int compare_strings(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static text_list_t sort_list(arena_t *arena, text_list_t list)
{
  const char **items = arena_alloc(arena, (list.count + 1) * sizeof *items);
  if (items == NULL)
    return (text_list_t){0};
  for (size_t i = 0; i < list.count; i++)
    items[i] = list.items[i];
  qsort(items, list.count, sizeof *items, compare_strings);
  return (text_list_t){.items = items, .count = list.count};
}

/* Both sorted. */
static bool is_subset(text_list_t part, text_list_t whole)
{
  size_t at = 0;
  for (size_t i = 0; i < whole.count && at < part.count; i++)
    if (strcmp(part.items[at], whole.items[i]) == 0)
      at++;
  return at == part.count;
}

static const char *join_scopes(arena_t *arena, text_list_t scopes)
{
  size_t len = 1;
  for (size_t i = 0; i < scopes.count; i++)
    len += strlen(scopes.items[i]) + 3;
  builder_t label = arena_builder(arena, len);
  for (size_t i = 0; i < scopes.count; i++) {
    builder_add_string(&label, i > 0 ? " + " : "");
    builder_add_string(&label, scopes.items[i]);
  }
  builder_add_u8(&label, 0);
  return label.failed ? NULL : (const char *)label.data;
}

static bool add_entry(arena_t *arena, graph_t *graph, graph_entry_t entry)
{
  entry.starts = arena_alloc(arena, graph->offer_count + 1);
  entry.reached = arena_alloc(arena, graph->offer_count + 1);
  entry.beyond = arena_alloc(arena, graph->offer_count + 1);
  graph->entries[graph->entry_count++] = entry;
  return entry.label != NULL && entry.starts != NULL && entry.reached != NULL && entry.beyond != NULL;
}

static bool add_scopes(arena_t *arena, graph_t *graph, text_list_t scopes)
{
  for (size_t i = 0; i < graph->entry_count; i++)
    if (graph->entries[i].scopes.count == scopes.count && is_subset(scopes, graph->entries[i].scopes))
      return true;
  graph_entry_kind_t kind = scopes.count == 0   ? GRAPH_SIGNED_IN
                            : scopes.count == 1 ? GRAPH_SCOPE
                                                : GRAPH_TOGETHER;
  return add_entry(
      arena, graph,
      (graph_entry_t){.kind = kind,
                      .label = kind == GRAPH_SIGNED_IN ? "(signed in)" : join_scopes(arena, scopes),
                      .scopes = scopes});
}

/* What routes open whose scopes are held. whole: also those that ask for all scopes of the entry. */
static void hold_routes(const graph_t *graph, const text_list_t *route_scopes, graph_entry_t *entry,
                        bool whole, bool *ret_held)
{
  for (size_t i = 0; i < graph->domain->route_count; i++) {
    const config_route_t *route = &graph->domain->routes[i];
    bool same = route_scopes[i].count == entry->scopes.count;
    if (route->public_route || !is_subset(route_scopes[i], entry->scopes))
      continue;
    entry->has_route |= same;
    for (size_t j = 0; route->service != NULL && (whole || !same) && j < route->grants.count; j++) {
      size_t offer = find_offer(graph, route->service, route->grants.items[j]);
      ret_held[offer] = true;
      entry->starts[offer] |= same;
    }
  }
}

static bool reach_by_scopes(arena_t *arena, graph_t *graph, const text_list_t *route_scopes, size_t *scratch)
{
  bool *less = arena_alloc(arena, graph->offer_count + 1);
  for (size_t i = 0; less != NULL && i < graph->entry_count; i++) {
    graph_entry_t *entry = &graph->entries[i];
    memset(less, 0, graph->offer_count);
    hold_routes(graph, route_scopes, entry, true, entry->reached);
    hold_routes(graph, route_scopes, entry, false, less);
    digraph_reach(&graph->asks, entry->reached, scratch);
    digraph_reach(&graph->asks, less, scratch);
    for (size_t j = 0; j < graph->offer_count; j++)
      entry->beyond[j] = entry->reached[j] && !less[j];
  }
  return less != NULL;
}

static bool add_own(arena_t *arena, graph_t *graph, const config_service_t *service, size_t *scratch)
{
  if (!add_entry(arena, graph,
                 (graph_entry_t){.kind = GRAPH_OWN,
                                 .label = arena_format(arena, "(own) %s", service->id),
                                 .service = service->id}))
    return false;
  graph_entry_t *entry = &graph->entries[graph->entry_count - 1];
  find_service(graph, service->id)->has_own = true;
  for (size_t i = 0; i < service->own_count; i++)
    for (size_t j = 0; j < service->own[i].scopes.count; j++)
      entry->starts[find_offer(graph, service->own[i].service, service->own[i].scopes.items[j])] = true;
  memcpy(entry->reached, entry->starts, graph->offer_count);
  digraph_reach(&graph->asks, entry->reached, scratch);
  memcpy(entry->beyond, entry->reached, graph->offer_count);
  return true;
}

static int compare_entries(const void *a, const void *b)
{
  const graph_entry_t *x = a, *y = b;
  return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : strcmp(x->label, y->label);
}

static bool build_entries(arena_t *arena, graph_t *graph)
{
  const config_domain_t *domain = graph->domain;
  size_t most = domain->scope_count + domain->route_count + domain->service_count + 1;
  text_list_t *route_scopes = arena_alloc(arena, (domain->route_count + 1) * sizeof *route_scopes);
  size_t *scratch = arena_alloc(arena, (graph->offer_count + 1) * sizeof *scratch);
  graph->entries = arena_alloc(arena, most * sizeof *graph->entries);
  bool good = route_scopes != NULL && scratch != NULL && graph->entries != NULL;
  for (size_t i = 0; good && i < domain->scope_count; i++) {
    const char *name = domain->scopes[i].name;
    text_list_t alone = sort_list(arena, (text_list_t){.items = &name, .count = 1});
    good = alone.items != NULL && add_scopes(arena, graph, alone);
  }
  for (size_t i = 0; good && i < domain->route_count; i++) {
    route_scopes[i] = sort_list(arena, domain->routes[i].scopes);
    good = route_scopes[i].items != NULL;
    if (good && !domain->routes[i].public_route)
      good = add_scopes(arena, graph, route_scopes[i]);
  }
  good = good && reach_by_scopes(arena, graph, route_scopes, scratch);
  for (size_t i = 0; good && i < domain->service_count; i++)
    if (domain->services[i].own_count > 0)
      good = add_own(arena, graph, &domain->services[i], scratch);
  if (good)
    qsort(graph->entries, graph->entry_count, sizeof *graph->entries, compare_entries);
  return good;
}

/* --- what follows of all entries --- */

static void mark_reached(graph_t *graph)
{
  for (size_t i = 0; i < graph->entry_count; i++)
    for (size_t j = 0; j < graph->offer_count; j++)
      graph->offers[j].reached |= graph->entries[i].reached[j];
  for (size_t i = 0; i < graph->offer_count; i++)
    graph->services[graph->offers[i].service].reached |= graph->offers[i].reached;
  for (size_t i = 0; i < graph->domain->route_count; i++)
    if (graph->domain->routes[i].service != NULL)
      find_service(graph, graph->domain->routes[i].service)->reached = true;
}

static const graph_entry_t *find_own(const graph_t *graph, const char *id)
{
  for (size_t i = 0; i < graph->entry_count; i++)
    if (graph->entries[i].kind == GRAPH_OWN && strcmp(graph->entries[i].service, id) == 0)
      return &graph->entries[i];
  return NULL;
}

/* Who calls whom, of services. */
static bool build_calls(arena_t *arena, const graph_t *graph, digraph_t *ret_calls)
{
  const size_t *first = graph->asks.first;
  size_t own = 0;
  for (size_t i = 0; i < graph->domain->service_count; i++)
    own += count_asks(graph->domain->services[i].own, graph->domain->services[i].own_count);
  if (!digraph_init(arena, ret_calls, graph->service_count, first[graph->offer_count] + own))
    return false;
  for (size_t i = 0; i < graph->service_count; i++) {
    const graph_service_t *service = &graph->services[i];
    for (size_t edge = first[service->first]; edge < first[service->first + service->count]; edge++)
      digraph_add(ret_calls, i, graph->offers[graph->asks.to[edge]].service);
    const graph_entry_t *entry = service->has_own ? find_own(graph, service->id) : NULL;
    for (size_t j = 0; entry != NULL && j < graph->offer_count; j++)
      if (entry->starts[j])
        digraph_add(ret_calls, i, graph->offers[j].service);
    digraph_close(ret_calls, i);
  }
  return true;
}

/* The longest way to each, where services that call each other in a circle count as one. */
static bool build_layers(arena_t *arena, graph_t *graph)
{
  digraph_t calls;
  size_t count = 0;
  if (!build_calls(arena, graph, &calls))
    return false;
  size_t *components = digraph_components(arena, &calls, &count);
  size_t *layers = arena_alloc(arena, (count + 1) * sizeof *layers);
  size_t *order = arena_alloc(arena, (graph->service_count + 1) * sizeof *order);
  size_t *next = arena_alloc(arena, (count + 2) * sizeof *next);
  if (components == NULL || layers == NULL || order == NULL || next == NULL)
    return false;
  for (size_t i = 0; i < graph->service_count; i++) /* callers have the higher numbers: they come first */
    next[count - 1 - components[i] + 1]++;
  for (size_t i = 1; i <= count; i++)
    next[i] += next[i - 1];
  for (size_t i = 0; i < graph->service_count; i++)
    order[next[count - 1 - components[i]]++] = i;
  for (size_t i = 0; i < graph->service_count; i++)
    for (size_t edge = calls.first[order[i]]; edge < calls.first[order[i] + 1]; edge++) {
      size_t from = components[order[i]], to = components[calls.to[edge]];
      if (to != from && layers[to] < layers[from] + 1)
        layers[to] = layers[from] + 1;
    }
  for (size_t i = 0; i < graph->service_count; i++)
    graph->services[i].layer = layers[components[i]];
  return true;
}

const graph_t *graph_build(arena_t *arena, const config_domain_t *domain)
{
  graph_t *graph = arena_alloc(arena, sizeof *graph);
  if (graph == NULL)
    return NULL;
  graph->domain = domain;
  if (!build_nodes(arena, graph) || !build_edges(arena, graph) || !build_entries(arena, graph))
    return NULL;
  mark_reached(graph);
  return build_layers(arena, graph) ? graph : NULL;
}
