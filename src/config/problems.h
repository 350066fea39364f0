/* What is wrong with a configuration, collected so that all of it can be said at once, in the file's order.
 */
#ifndef SEKISHO_CONFIG_PROBLEMS_H
#define SEKISHO_CONFIG_PROBLEMS_H

#include "config/config.h"

#define PROBLEMS_MAX 200 /* kept; beyond, they are only counted */

typedef struct problem {
  int line;
  const char *text; /* "key: what is wrong, what is allowed" */
  struct problem *next;
} problem_t;

typedef struct problems {
  arena_t *arena;
  problem_t *errors, *notes; /* by line; first reported first within one */
  size_t error_count;
  bool out_of_memory;
  bool overfull; /* a list is longer than its row allows: not worth building from */
} problems_t;

typedef struct tree_node tree_node_t;

/* key is the name of a member of node that is missing (named at node's line) or wrong; NULL: node itself. */
void problems_add(problems_t *problems, const tree_node_t *node, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void problems_add_at(problems_t *problems, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Accepted, but this version makes no use of it. */
void problems_note(problems_t *problems, const tree_node_t *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
