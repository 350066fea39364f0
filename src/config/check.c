#include "config/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/keys.h"

#define NAMES_MAX 320 /* a client has more keys than a line should list */

static void check_value(problems_t *problems, const config_key_t *key, const tree_node_t *node);

/* A value as it may be printed in a line of an error. */
static const char *shown(const tree_node_t *node, char memory[static 64])
{
  bytes_t text = bytes_of_string(node->text);
  if (!text_is_printable(text, TREE_BYTES_MAX))
    return text.len == 0 ? "an empty value" : "a value with control characters";
  size_t cut = text.len < 40 ? text.len : 40;
  while (cut < text.len && cut > 0 && (text.data[cut] & 0xc0) == 0x80)
    cut--;
  snprintf(memory, 64, "\"%.*s\"%s", (int)cut, node->text, cut < text.len ? "…" : "");
  return memory;
}

static void check_choice(problems_t *problems, const config_key_t *key, const tree_node_t *node)
{
  char value[64];
  if (config_value_listed(key->allowed, node->text))
    return;
  if (config_value_listed(key->later, node->text))
    problems_add(problems, node, NULL, "%s is not in this version, allowed: %s", shown(node, value),
                 config_values_text(problems->arena, key->allowed, ", "));
  else
    problems_add(problems, node, NULL, "%s is not allowed, allowed: %s", shown(node, value),
                 config_values_text(problems->arena, key->allowed, ", "));
}

static void check_boolean(problems_t *problems, const config_key_t *key, const tree_node_t *node)
{
  char value[64];
  if (!node->plain || (strcmp(node->text, "true") != 0 && strcmp(node->text, "false") != 0))
    problems_add(problems, node, NULL, "%s is not a truth value, allowed: true, false", shown(node, value));
  else if (config_value_listed(key->later, node->text))
    problems_add(problems, node, NULL, "%s is not in this version, allowed: %s", node->text,
                 strcmp(node->text, "true") == 0 ? "false" : "true");
}

static void check_duration(problems_t *problems, const config_key_t *key, const tree_node_t *node)
{
  char value[64];
  int64_t duration_ms;
  bytes_t text = bytes_of_string(node->text);
  if (text.len > 0 && strspn(node->text, "0123456789.") == text.len) {
    problems_add(problems, node, NULL,
                 "%s has no unit, allowed: a number with s, m, h or d, such as 90s, 5m, 12h, 30d",
                 shown(node, value));
    return;
  }
  if (text_parse_duration(text, &duration_ms) != ERR_NONE) {
    problems_add(problems, node, NULL, "%s is not a duration, allowed: 90s, 5m, 12h, 30d and the like",
                 shown(node, value));
    return;
  }
  if (duration_ms < key->least || duration_ms > key->most)
    problems_add(problems, node, NULL, "%s is out of range, allowed: %s to %s", shown(node, value),
                 config_duration_text(problems->arena, key->least),
                 config_duration_text(problems->arena, key->most));
}

static void check_number(problems_t *problems, const config_key_t *key, const tree_node_t *node)
{
  char value[64];
  size_t len = strlen(node->text);
  bool digits = len > 0 && len <= 12 && strspn(node->text, "0123456789") == len;
  long long number = digits ? strtoll(node->text, NULL, 10) : -1;
  if (!node->plain || number < key->least || number > key->most)
    problems_add(problems, node, NULL, "%s is out of range, allowed: %lld to %lld", shown(node, value),
                 (long long)key->least, (long long)key->most);
}

static void check_text(problems_t *problems, const config_key_t *key, const tree_node_t *node)
{
  char value[64];
  bytes_t text = bytes_of_string(node->text);
  if (text.len == 0)
    problems_add(problems, node, NULL, "is empty, allowed: %s", key->allowed != NULL ? key->allowed : "text");
  else if (!text_is_printable(text, config_key_most(key)))
    problems_add(problems, node, NULL, "%s, allowed: %s of at most %zu bytes without control characters",
                 text.len > config_key_most(key) ? "is too long" : "has control characters",
                 key->allowed != NULL ? key->allowed : "text", config_key_most(key));
  else if (key->check != NULL && !key->check(text))
    problems_add(problems, node, NULL, "%s is not allowed, allowed: %s", shown(node, value), key->allowed);
}

static bool has_member(const tree_node_t *node, const config_key_t *key)
{
  const tree_node_t *child = tree_child(node, config_key_name(key));
  return child != NULL && !tree_is_null(child);
}

static void check_required(problems_t *problems, const char *path, const tree_node_t *node)
{
  for (size_t i = 0; i < config_key_count; i++) {
    const config_key_t *key = &config_keys[i];
    if ((key->flags & KEY_REQUIRED) != 0 && config_key_is_below(key, path) && !has_member(node, key))
      problems_add(problems, node, config_key_name(key), "is missing, allowed: %s",
                   key->allowed != NULL ? key->allowed : key->about);
  }
}

/* The keys of a map, separated by commas. */
static const char *member_names(arena_t *arena, const char *path)
{
  builder_t names = arena_builder(arena, NAMES_MAX);
  for (size_t i = 0; i < config_key_count; i++) {
    if (!config_key_is_below(&config_keys[i], path))
      continue;
    builder_add_string(&names, names.len > 0 ? ", " : "");
    builder_add_string(&names, config_key_name(&config_keys[i]));
  }
  builder_add_u8(&names, 0);
  return names.failed ? "see docs/configuration.md" : (const char *)names.data;
}

static void check_map(problems_t *problems, const char *path, const tree_node_t *node)
{
  for (const tree_node_t *child = node->first; child != NULL; child = child->next) {
    const config_key_t *key = config_key_member(path, child->key);
    const char *hint = key == NULL ? config_key_hint(path, child->key) : NULL;
    if (key != NULL)
      check_value(problems, key, child);
    else if (hint != NULL)
      problems_add(problems, child, NULL, "unknown key, did you mean %s?", hint);
    else
      problems_add(problems, child, NULL, "unknown key, allowed: %s", member_names(problems->arena, path));
  }
  check_required(problems, path, node);
}

static void check_entries(problems_t *problems, const config_key_t *key, const tree_node_t *node)
{
  const config_key_t *below = config_key_below(key);
  const char *what = key->type == KEY_LIST ? "entries" : "names";
  size_t most = config_key_most(key);
  problems->overfull |= node->count > most;
  if (node->count > most || node->count < (size_t)key->least)
    problems_add(problems, node, NULL, "has %zu %s, allowed: %zu to %zu", node->count, what,
                 (size_t)key->least, most);
  for (const tree_node_t *child = node->first; child != NULL; child = child->next) {
    if (key->type == KEY_NAMED && key->check != NULL && !key->check(bytes_of_string(child->key)))
      problems_add(problems, child, NULL, "the name is not allowed, allowed: %s", key->allowed);
    check_value(problems, below, child);
  }
}

static const char *type_words(key_type_t type)
{
  if (type == KEY_LIST)
    return "a list, such as [a, b] or lines that begin with -";
  if (type == KEY_MAP || type == KEY_NAMED || type == KEY_OPEN_MAP)
    return "a map, such as {key: value} or indented lines of key: value";
  return "a single value";
}

static tree_kind_t kind_of(key_type_t type)
{
  if (type == KEY_LIST)
    return TREE_LIST;
  return type == KEY_MAP || type == KEY_NAMED || type == KEY_OPEN_MAP ? TREE_MAP : TREE_SCALAR;
}

static void check_typed(problems_t *problems, const config_key_t *key, const tree_node_t *node)
{
  switch (key->type) {
  case KEY_MAP:
    check_map(problems, key->path, node);
    break;
  case KEY_NAMED:
  case KEY_LIST:
    check_entries(problems, key, node);
    break;
  case KEY_TEXT:
    check_text(problems, key, node);
    break;
  case KEY_CHOICE:
    check_choice(problems, key, node);
    break;
  case KEY_BOOLEAN:
    check_boolean(problems, key, node);
    break;
  case KEY_NUMBER:
    check_number(problems, key, node);
    break;
  case KEY_DURATION:
    check_duration(problems, key, node);
    break;
  case KEY_OPEN_MAP:
    break;
  }
}

static void check_value(problems_t *problems, const config_key_t *key, const tree_node_t *node)
{
  if ((key->flags & KEY_REFUSED) != 0) {
    problems_add(problems, node, NULL, "is not in this version, allowed: leave it out%s%s",
                 key->allowed != NULL ? ", instead: " : "", key->allowed != NULL ? key->allowed : "");
    return;
  }
  if (tree_is_null(node)) {
    if (kind_of(key->type) == TREE_SCALAR || node->key == NULL)
      problems_add(problems, node, NULL, "has no value, allowed: %s",
                   key->allowed != NULL && key->type != KEY_CHOICE ? key->allowed : type_words(key->type));
    return; /* a map or list with nothing in it yet is as good as left out */
  }
  if (node->kind != kind_of(key->type)) {
    problems_add(problems, node, NULL, "has the wrong form, allowed: %s", type_words(key->type));
    return;
  }
  if ((key->flags & KEY_LATER) != 0 && (node->count > 0 || node->kind == TREE_SCALAR))
    problems_note(problems, node, "accepted, not used by this version");
  check_typed(problems, key, node);
}

void config_check_tree(problems_t *problems, const tree_node_t *root)
{
  if (root->kind != TREE_MAP)
    problems_add(problems, root, NULL, "has the wrong form, allowed: keys rp, authority, domains, levels");
  else
    check_map(problems, "", root);
}
