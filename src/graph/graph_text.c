/* The graph for people at a terminal: first what each way in can cause, then the services and what they ask.
 */
#include "graph/graph.h"

/* Offers in order, services with their offers behind a colon. */
static void print_actions(FILE *out, const graph_t *graph, const bool *marked)
{
  size_t last = graph->service_count;
  for (size_t i = 0; i < graph->offer_count; i++) {
    if (!marked[i])
      continue;
    const graph_offer_t *offer = &graph->offers[i];
    if (offer->service != last)
      fprintf(out, "%s    %s: %s", last != graph->service_count ? "\n" : "",
              graph->services[offer->service].id, offer->name);
    else
      fprintf(out, ", %s", offer->name);
    last = offer->service;
  }
  fprintf(out, "%s", last != graph->service_count ? "\n" : "    nothing\n");
}

static size_t count_marked(const graph_t *graph, const bool *marked)
{
  size_t count = 0;
  for (size_t i = 0; i < graph->offer_count; i++)
    count += marked[i];
  return count;
}

static void print_entry(FILE *out, const graph_t *graph, const graph_entry_t *entry)
{
  bool together = entry->kind == GRAPH_TOGETHER;
  const bool *marked = together ? entry->beyond : entry->reached;
  size_t count = count_marked(graph, marked);
  fprintf(out, "  %s reach%s %zu action%s%s\n", entry->label, together ? "" : "es", count,
          count == 1 ? "" : "s", together ? " beyond what fewer of them reach" : "");
  print_actions(out, graph, marked);
}

static void print_asks(FILE *out, const graph_t *graph, size_t offer)
{
  for (size_t edge = graph->asks.first[offer]; edge < graph->asks.first[offer + 1]; edge++) {
    const graph_offer_t *to = &graph->offers[graph->asks.to[edge]];
    fprintf(out, "%s%s/%s", edge == graph->asks.first[offer] ? " → " : ", ", graph->services[to->service].id,
            to->name);
  }
}

static void print_service(FILE *out, const graph_t *graph, const graph_service_t *service)
{
  fprintf(out, "  %s%s%s\n", service->id, service->listed ? "" : " (not listed)",
          service->reached || service->has_own ? "" : " (unreachable)");
  for (size_t i = service->first; i < service->first + service->count; i++) {
    fprintf(out, "    %s", graph->offers[i].name);
    print_asks(out, graph, i);
    fprintf(out, "%s\n", graph->offers[i].reached ? "" : " (unreachable)");
  }
}

void graph_print_text(FILE *out, const graph_t *graph)
{
  fprintf(out, "%s: %zu service%s, %zu offer%s, %zu ask%s\n\nfrom outside\n", graph->domain->id.text,
          graph->service_count, graph->service_count == 1 ? "" : "s", graph->offer_count,
          graph->offer_count == 1 ? "" : "s", graph->asks.first[graph->offer_count],
          graph->asks.first[graph->offer_count] == 1 ? "" : "s");
  for (size_t i = 0; i < graph->entry_count; i++)
    print_entry(out, graph, &graph->entries[i]);
  if (graph->entry_count == 0)
    fprintf(out, "  no scopes and no routes\n");
  fprintf(out, "\nservices\n");
  for (size_t i = 0; i < graph->service_count; i++)
    print_service(out, graph, &graph->services[i]);
  if (graph->service_count == 0)
    fprintf(out, "  none\n");
}
