#include "config/keys.h"

#include <stdio.h>
#include <string.h>

#define NAME_MAX_COMPARED 64
#define PATH_MAX_LEN 160 /* longer than any row's */

const config_key_t *config_key_find(const char *path)
{
  for (size_t i = 0; i < config_key_count; i++)
    if (strcmp(config_keys[i].path, path) == 0)
      return &config_keys[i];
  return NULL;
}

const char *config_key_name(const config_key_t *key)
{
  const char *dot = strrchr(key->path, '.');
  return dot != NULL ? dot + 1 : key->path;
}

bool config_key_is_below(const config_key_t *key, const char *parent)
{
  const char *rest = key->path;
  size_t len = strlen(parent);
  if (len > 0) {
    if (strncmp(rest, parent, len) != 0 || rest[len] != '.')
      return false;
    rest += len + 1;
  }
  return strpbrk(rest, ".[") == NULL;
}

const config_key_t *config_key_member(const char *parent, const char *name)
{
  for (size_t i = 0; i < config_key_count; i++) {
    const config_key_t *key = &config_keys[i];
    const char *last = config_key_name(key);
    if (config_key_is_below(key, parent) && (strcmp(last, "*") == 0 || strcmp(last, name) == 0))
      return key;
  }
  return NULL;
}

static size_t least_of(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Levenshtein, with one row of memory; names longer than the bound are never near. */
static size_t edit_distance(const char *a, const char *b)
{
  size_t a_len = strlen(a), b_len = strlen(b);
  size_t row[NAME_MAX_COMPARED + 1];
  if (a_len > NAME_MAX_COMPARED || b_len > NAME_MAX_COMPARED)
    return NAME_MAX_COMPARED;
  for (size_t j = 0; j <= b_len; j++)
    row[j] = j;
  for (size_t i = 1; i <= a_len; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b_len; j++) {
      size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = least_of(replaced, least_of(row[j], row[j - 1]) + 1);
    }
  }
  return row[b_len];
}

const char *config_key_hint(const char *parent, const char *name)
{
  const char *nearest = NULL;
  size_t best = strlen(name) / 3 + 2; /* further away it is another word */
  for (size_t i = 0; i < config_key_count; i++) {
    const config_key_t *key = &config_keys[i];
    if (!config_key_is_below(key, parent))
      continue;
    size_t distance = edit_distance(name, config_key_name(key));
    if (distance < best) {
      best = distance;
      nearest = config_key_name(key);
    }
  }
  return nearest;
}

bool config_value_listed(const char *values, const char *text)
{
  size_t len = strlen(text);
  for (const char *at = values; at != NULL;) {
    const char *bar = strchr(at, '|');
    size_t value_len = bar != NULL ? (size_t)(bar - at) : strlen(at);
    if (value_len == len && strncmp(at, text, len) == 0)
      return true;
    at = bar != NULL ? bar + 1 : NULL;
  }
  return false;
}

size_t config_key_most(const config_key_t *key)
{
  if (key->most > 0)
    return (size_t)key->most;
  return key->type == KEY_LIST || key->type == KEY_NAMED ? 1000 : 256;
}

const config_key_t *config_key_below(const config_key_t *key)
{
  char path[PATH_MAX_LEN];
  snprintf(path, sizeof path, "%s%s", key->path, key->type == KEY_LIST ? "[]" : ".*");
  return config_key_find(path);
}

const char *config_duration_text(arena_t *arena, int64_t duration_ms)
{
  static const struct {
    int64_t length_ms;
    const char *unit;
  } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}};
  size_t i = 0;
  while (i < 3 && (duration_ms == 0 || duration_ms % units[i].length_ms != 0))
    i++;
  const char *text =
      arena_format(arena, "%lld%s", (long long)(duration_ms / units[i].length_ms), units[i].unit);
  return text != NULL ? text : "?";
}

const char *config_values_text(arena_t *arena, const char *values, const char *separator)
{
  builder_t text = arena_builder(arena, strlen(values) * (strlen(separator) + 1) + 1);
  for (const char *at = values; *at != '\0'; at++) {
    if (*at == '|')
      builder_add_string(&text, separator);
    else
      builder_add_u8(&text, (uint8_t)*at);
  }
  builder_add_u8(&text, 0);
  return text.failed ? values : (const char *)text.data;
}
