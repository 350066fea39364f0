#include "authority/access_token.h"

static const char *const kind_names[] = {
    [EVIDENCE_ANY] = "any", [EVIDENCE_DOMAIN] = "domain", [EVIDENCE_VERIFIED] = "verified"};
#define KIND_COUNT (sizeof kind_names / sizeof *kind_names)

static bool same_times(const int64_t *a, const int64_t *b)
{
  bool same = true;
  for (size_t kind = 0; kind < KIND_COUNT; kind++)
    same = same && a[kind] == b[kind];
  return same;
}

/* The weakest level is left out where it says nothing that the next one does not: every token of a passkey.
 */
static bool is_worth_saying(const level_table_t *table, const level_times_t *times, size_t level)
{
  if (times->time_ms[level][EVIDENCE_ANY] == 0)
    return false;
  return level > 0 || table->count < 2 || !same_times(times->time_ms[0], times->time_ms[1]);
}

static void add_level(builder_t *builder, const char *name, const int64_t *times)
{
  builder_add_json_string(builder, bytes_of_string(name));
  const char *before = ":{\"";
  for (size_t kind = 0; kind < KIND_COUNT; kind++) {
    if (times[kind] == 0)
      continue;
    builder_add_string(builder, before);
    builder_add_string(builder, kind_names[kind]);
    builder_add_string(builder, "\":");
    builder_add_decimal(builder, times[kind] / 1000);
    before = ",\"";
  }
  builder_add_string(builder, "}");
}

error_code_t level_times_build(builder_t *builder, const level_table_t *table, const level_times_t *times)
{
  builder_add_string(builder, "{");
  bool first = true;
  for (size_t level = 0; level < table->count; level++) {
    if (!is_worth_saying(table, times, level))
      continue;
    if (!first)
      builder_add_string(builder, ",");
    add_level(builder, table->levels[level].name, times->time_ms[level]);
    first = false;
  }
  builder_add_string(builder, "}");
  return builder->failed ? ERR_NO_MEMORY : ERR_NONE;
}

static error_code_t read_level(const json_t *claim, const char *name, int64_t *times)
{
  json_t *kinds;
  if (json_get_object(claim, name, &kinds) != ERR_NONE)
    return ERR_TOKEN;
  for (size_t kind = 0; kinds != NULL && kind < KIND_COUNT; kind++) {
    int64_t seconds;
    if (json_get_integer(kinds, kind_names[kind], 0, &seconds) != ERR_NONE || seconds < 0 ||
        seconds > INT64_MAX / 1000)
      return ERR_TOKEN;
    times[kind] = seconds * 1000;
  }
  return ERR_NONE;
}

error_code_t level_times_parse(const json_t *claim, const level_table_t *table, level_times_t *ret_times)
{
  level_times_t times = {{{0}}};
  for (size_t level = table->count; level-- > 0;) {
    error_code_t error = read_level(claim, table->levels[level].name, times.time_ms[level]);
    if (error != ERR_NONE)
      return error;
    /* A stronger level implies the weaker ones. */
    for (size_t kind = 0; level + 1 < table->count && kind < KIND_COUNT; kind++)
      if (times.time_ms[level][kind] < times.time_ms[level + 1][kind])
        times.time_ms[level][kind] = times.time_ms[level + 1][kind];
  }
  *ret_times = times;
  return ERR_NONE;
}

void level_times_join(level_times_t *times, const level_times_t *other)
{
  for (size_t level = 0; level < LEVEL_MAX; level++)
    for (size_t kind = 0; kind < KIND_COUNT; kind++)
      if (times->time_ms[level][kind] < other->time_ms[level][kind])
        times->time_ms[level][kind] = other->time_ms[level][kind];
}
