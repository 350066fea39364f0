#include "graph/digraph.h"

bool digraph_init(arena_t *arena, digraph_t *graph, size_t count, size_t edges)
{
  *graph = (digraph_t){.count = count,
                       .first = arena_alloc(arena, (count + 1) * sizeof(size_t)),
                       .to = arena_alloc(arena, (edges + 1) * sizeof(size_t))};
  return graph->first != NULL && graph->to != NULL;
}

void digraph_add(digraph_t *graph, size_t node, size_t to)
{
  graph->to[graph->first[node + 1]++] = to;
}

void digraph_close(digraph_t *graph, size_t node)
{
  if (node + 2 <= graph->count)
    graph->first[node + 2] = graph->first[node + 1];
}

void digraph_reach(const digraph_t *graph, bool *marked, size_t *scratch)
{
  size_t waiting = 0;
  for (size_t i = 0; i < graph->count; i++)
    if (marked[i])
      scratch[waiting++] = i;
  while (waiting > 0) {
    size_t node = scratch[--waiting];
    for (size_t edge = graph->first[node]; edge < graph->first[node + 1]; edge++) {
      size_t to = graph->to[edge];
      if (marked[to])
        continue;
      marked[to] = true;
      scratch[waiting++] = to;
    }
  }
}

#define UNSEEN 0

typedef struct tarjan {
  const digraph_t *graph;
  size_t *order, *low; /* order: when it was seen, from 1 */
  size_t *edge;        /* the next one to follow */
  size_t *path, path_len;
  size_t *open, open_len; /* seen, and of no component yet */
  bool *is_open;
  size_t *component, component_count;
  size_t seen;
} tarjan_t;

static void enter(tarjan_t *tarjan, size_t node)
{
  tarjan->order[node] = tarjan->low[node] = ++tarjan->seen;
  tarjan->edge[node] = tarjan->graph->first[node];
  tarjan->path[tarjan->path_len++] = node;
  tarjan->open[tarjan->open_len++] = node;
  tarjan->is_open[node] = true;
}

static void leave(tarjan_t *tarjan, size_t node)
{
  tarjan->path_len--;
  if (tarjan->path_len > 0) {
    size_t before = tarjan->path[tarjan->path_len - 1];
    if (tarjan->low[node] < tarjan->low[before])
      tarjan->low[before] = tarjan->low[node];
  }
  if (tarjan->low[node] != tarjan->order[node])
    return;
  size_t member;
  do {
    member = tarjan->open[--tarjan->open_len];
    tarjan->is_open[member] = false;
    tarjan->component[member] = tarjan->component_count;
  } while (member != node);
  tarjan->component_count++;
}

static void walk_from(tarjan_t *tarjan, size_t root)
{
  enter(tarjan, root);
  while (tarjan->path_len > 0) {
    size_t node = tarjan->path[tarjan->path_len - 1];
    if (tarjan->edge[node] == tarjan->graph->first[node + 1]) {
      leave(tarjan, node);
      continue;
    }
    size_t to = tarjan->graph->to[tarjan->edge[node]++];
    if (tarjan->order[to] == UNSEEN)
      enter(tarjan, to);
    else if (tarjan->is_open[to] && tarjan->order[to] < tarjan->low[node])
      tarjan->low[node] = tarjan->order[to];
  }
}

size_t *digraph_components(arena_t *arena, const digraph_t *graph, size_t *ret_count)
{
  size_t size = (graph->count + 1) * sizeof(size_t);
  tarjan_t tarjan = {.graph = graph,
                     .order = arena_alloc(arena, size),
                     .low = arena_alloc(arena, size),
                     .edge = arena_alloc(arena, size),
                     .path = arena_alloc(arena, size),
                     .open = arena_alloc(arena, size),
                     .is_open = arena_alloc(arena, graph->count + 1),
                     .component = arena_alloc(arena, size)};
  if (tarjan.order == NULL || tarjan.low == NULL || tarjan.edge == NULL || tarjan.path == NULL ||
      tarjan.open == NULL || tarjan.is_open == NULL || tarjan.component == NULL)
    return NULL;
  for (size_t i = 0; i < graph->count; i++)
    if (tarjan.order[i] == UNSEEN)
      walk_from(&tarjan, i);
  *ret_count = tarjan.component_count;
  return tarjan.component;
}

/* The path that before[] leads back along, first node first. */
static size_t *path_to(arena_t *arena, const size_t *before, size_t node, size_t last, size_t *ret_len)
{
  size_t len = 1;
  for (size_t at = last; at != node; at = before[at])
    len++;
  size_t *path = arena_alloc(arena, len * sizeof *path);
  if (path == NULL)
    return NULL;
  size_t left = len;
  for (size_t at = last; left > 0; at = before[at])
    path[--left] = at;
  *ret_len = len;
  return path;
}

bool digraph_marks_init(arena_t *arena, const digraph_t *graph, digraph_marks_t *marks)
{
  *marks = (digraph_marks_t){.before = arena_alloc(arena, (graph->count + 1) * sizeof(size_t)),
                             .queue = arena_alloc(arena, (graph->count + 1) * sizeof(size_t)),
                             .seen = arena_alloc(arena, graph->count + 1)};
  return marks->before != NULL && marks->queue != NULL && marks->seen != NULL;
}

bool digraph_cycle(arena_t *arena, const digraph_t *graph, const size_t *components, size_t node,
                   digraph_marks_t *marks, size_t **ret_path, size_t *ret_len)
{
  size_t head = 0, tail = 0;
  marks->queue[tail++] = node;
  while (head < tail) {
    size_t at = marks->queue[head++];
    for (size_t edge = graph->first[at]; edge < graph->first[at + 1]; edge++) {
      size_t to = graph->to[edge];
      if (to == node) {
        *ret_path = path_to(arena, marks->before, node, at, ret_len);
        return *ret_path != NULL;
      }
      if (components[to] != components[node] || marks->seen[to])
        continue;
      marks->seen[to] = true;
      marks->before[to] = at;
      marks->queue[tail++] = to;
    }
  }
  return false;
}
