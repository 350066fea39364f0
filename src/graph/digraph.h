/* A directed graph of numbered nodes: what can be reached, what goes in circles. Every walk is a loop of its
 * own, so that a long chain of calls costs no stack. */
#ifndef SEKISHO_GRAPH_DIGRAPH_H
#define SEKISHO_GRAPH_DIGRAPH_H

#include "base/arena.h"

/* The edges of node n lead to to[first[n]] .. to[first[n + 1] - 1]. */
typedef struct digraph {
  size_t count;
  size_t *first; /* count + 1 */
  size_t *to;
} digraph_t;

/* Room for the given number of edges; false when out of memory. Nodes are filled in order: digraph_add for
 * the edges of a node, then digraph_close for the node. */
bool digraph_init(arena_t *arena, digraph_t *graph, size_t count, size_t edges);
void digraph_add(digraph_t *graph, size_t node, size_t to);
void digraph_close(digraph_t *graph, size_t node);

/* Marks all that follows from the marked nodes. scratch has room for count nodes. */
void digraph_reach(const digraph_t *graph, bool *marked, size_t *scratch);
/* The number of each node's strongly connected component (Tarjan 1972). Components are numbered from the ends
 * of all paths on: an edge never leads to a higher number. NULL when out of memory. */
size_t *digraph_components(arena_t *arena, const digraph_t *graph, size_t *ret_count);
/* What walks around need, once for all of a graph: each stays within its component. */
typedef struct digraph_marks {
  size_t *before, *queue;
  bool *seen;
} digraph_marks_t;
bool digraph_marks_init(arena_t *arena, const digraph_t *graph, digraph_marks_t *marks);
/* A shortest path from the node back to itself, without its end; false when there is none, or out of memory.
 * At most once for a component. */
bool digraph_cycle(arena_t *arena, const digraph_t *graph, const size_t *components, size_t node,
                   digraph_marks_t *marks, size_t **ret_path, size_t *ret_len);

#endif
