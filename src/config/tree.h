/* The YAML of a configuration as a tree with line numbers. Only plain YAML is taken: no aliases, anchors,
 * tags or further documents, no key twice; size, depth and number of nodes are bounded. */
#ifndef SEKISHO_CONFIG_TREE_H
#define SEKISHO_CONFIG_TREE_H

#include "config/problems.h"

#define TREE_BYTES_MAX (1024 * 1024)
#define TREE_DEPTH_MAX 16
#define TREE_NODES_MAX 100000
#define TREE_MEMBERS_MAX 1000 /* of one map: no row allows more */
#define TREE_KEY_MAX 128

typedef enum tree_kind { TREE_SCALAR, TREE_MAP, TREE_LIST } tree_kind_t;

struct tree_node {
  tree_kind_t kind;
  int line;         /* from 1 */
  bool plain;       /* a scalar without quotes */
  const char *text; /* a scalar's, NUL-terminated; contains no NUL */
  const char *key;  /* its name in a map, NULL in a list */
  size_t index;     /* its place in a list */
  const tree_node_t *parent;
  tree_node_t *first, *last, *next; /* children; siblings */
  size_t count;
};

/* NULL when there is no tree at all; what is wrong is in problems. */
const tree_node_t *tree_parse(problems_t *problems, bytes_t text);
/* NULL when node is NULL, no map, or has no such member. */
const tree_node_t *tree_child(const tree_node_t *node, const char *key);
/* An empty plain scalar, `~` or `null`: the same as leaving the key out. */
bool tree_is_null(const tree_node_t *node);
/* "domains[0].scopes.transfer", with ".key" when key is not NULL. */
const char *tree_path(arena_t *arena, const tree_node_t *node, const char *key);

#endif
