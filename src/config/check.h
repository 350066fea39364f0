/* Holds a tree against the table of keys: names, types, forms and bounds, each by itself. */
#ifndef SEKISHO_CONFIG_CHECK_H
#define SEKISHO_CONFIG_CHECK_H

#include "config/tree.h"

void config_check_tree(problems_t *problems, const tree_node_t *root);

#endif
