#include <stdio.h>

#include "config/build.h"

static const aaguid_t *build_aaguids(build_t *build, const tree_node_t *list, size_t *ret_count)
{
  if (list == NULL || list->kind != TREE_LIST)
    return NULL;
  aaguid_t *array = build_array(build, list->count, sizeof *array);
  if (array == NULL)
    return NULL;
  for (const tree_node_t *node = list->first; node != NULL; node = node->next)
    if (node->kind == TREE_SCALAR &&
        aaguid_parse(bytes_of_string(node->text), &array[*ret_count]) == ERR_NONE)
      ++*ret_count;
  return array;
}

static unsigned build_vouching(const tree_node_t *list)
{
  unsigned kinds = 0;
  if (list == NULL || list->kind != TREE_LIST)
    return 0;
  for (const tree_node_t *node = list->first; node != NULL; node = node->next) {
    vouching_t kind;
    if (node->kind == TREE_SCALAR && vouching_parse(bytes_of_string(node->text), &kind) == ERR_NONE)
      kinds |= 1U << kind;
  }
  return kinds;
}

authenticator_rule_t build_authenticators(build_t *build, const tree_node_t *map, const char *path)
{
  char member[160];
  authenticator_rule_t rule = {0};
  rule.allow = build_aaguids(build, tree_child(map, "allow"), &rule.allow_count);
  rule.deny = build_aaguids(build, tree_child(map, "deny"), &rule.deny_count);
  rule.vouching = build_vouching(tree_child(map, "attestation"));
  snprintf(member, sizeof member, "%s.allow_unvouched", path);
  rule.allow_unvouched = build_boolean(map, member);
  snprintf(member, sizeof member, "%s.certification", path);
  if (certification_parse(bytes_of_string(build_text(map, member)), &rule.certification) != ERR_NONE)
    rule.certification = CERTIFICATION_NONE; /* reported by the table of keys */
  return rule;
}
