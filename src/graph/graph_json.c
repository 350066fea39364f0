#include "graph/graph.h"

static json_t *action(const graph_t *graph, size_t offer)
{
  return json_sprintf("%s/%s", graph->services[graph->offers[offer].service].id, graph->offers[offer].name);
}

static json_t *actions(const graph_t *graph, const bool *marked)
{
  json_t *array = json_array();
  for (size_t i = 0; i < graph->offer_count; i++)
    if (marked[i])
      json_array_append_new(array, action(graph, i));
  return array;
}

static json_t *entry_json(const graph_t *graph, const graph_entry_t *entry)
{
  static const char *const kinds[] = {"signed_in", "scope", "scopes", "own"};
  json_t *object = json_object(), *scopes = json_array();
  json_set_string(object, "entry", entry->label);
  json_set_string(object, "kind", kinds[entry->kind]);
  for (size_t i = 0; i < entry->scopes.count; i++)
    json_array_append_new(scopes, json_string(entry->scopes.items[i]));
  json_object_set_new(object, "scopes", scopes);
  json_set_string(object, "service", entry->service);
  json_object_set_new(object, "reaches", actions(graph, entry->reached));
  json_object_set_new(object, "beyond", actions(graph, entry->beyond));
  return object;
}

static json_t *offer_json(const graph_t *graph, size_t offer)
{
  json_t *object = json_object(), *asks = json_array();
  json_set_string(object, "name", graph->offers[offer].name);
  json_set_boolean(object, "reached", graph->offers[offer].reached);
  for (size_t edge = graph->asks.first[offer]; edge < graph->asks.first[offer + 1]; edge++)
    json_array_append_new(asks, action(graph, graph->asks.to[edge]));
  json_object_set_new(object, "asks", asks);
  return object;
}

static json_t *service_json(const graph_t *graph, const graph_service_t *service)
{
  json_t *object = json_object(), *offers = json_array();
  json_set_string(object, "id", service->id);
  json_set_boolean(object, "listed", service->listed);
  json_set_boolean(object, "reached", service->reached);
  for (size_t i = service->first; i < service->first + service->count; i++)
    json_array_append_new(offers, offer_json(graph, i));
  json_object_set_new(object, "offers", offers);
  return object;
}

static json_t *finding_json(const graph_finding_t *finding)
{
  json_t *object = json_object();
  json_set_string(object, "level", finding->error ? "error" : "note");
  json_set_string(object, "kind", finding->kind);
  json_set_string(object, "text", finding->text);
  return object;
}

json_t *graph_json(const graph_t *graph, const graph_finding_t *findings)
{
  json_t *object = json_object(), *entries = json_array(), *services = json_array(), *found = json_array();
  json_set_string(object, "domain", graph->domain->id.text);
  for (size_t i = 0; i < graph->entry_count; i++)
    json_array_append_new(entries, entry_json(graph, &graph->entries[i]));
  for (size_t i = 0; i < graph->service_count; i++)
    json_array_append_new(services, service_json(graph, &graph->services[i]));
  for (const graph_finding_t *at = findings; at != NULL; at = at->next)
    json_array_append_new(found, finding_json(at));
  json_object_set_new(object, "entries", entries);
  json_object_set_new(object, "services", services);
  json_object_set_new(object, "findings", found);
  return object;
}
