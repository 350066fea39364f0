#include "cli/table.h"

#include <stdio.h>
#include <string.h>
#include <uniwidth.h>

#include "base/text.h"

#define GAP 2

/* Control characters of ASCII and of C1, whose first byte in UTF-8 is C2: names and browsers' labels come
 * from strangers. */
static void disarm(char *text)
{
  for (uint8_t *at = (uint8_t *)text; *at != '\0'; at++) {
    if (*at < 0x20 || *at == 0x7f)
      *at = '?';
    else if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
      at[0] = at[1] = '?';
  }
}

static char *value_text(arena_t *arena, const json_t *value, column_kind_t kind);

static char *list_text(arena_t *arena, const json_t *list)
{
  char *text = arena_format(arena, "%s", "");
  for (size_t i = 0; i < json_array_size(list) && text != NULL; i++) {
    const char *item = value_text(arena, json_array_get(list, i), COLUMN_PLAIN);
    text = item != NULL ? arena_format(arena, "%s%s%s", text, i > 0 ? " " : "", item) : NULL;
  }
  return text;
}

static char *value_text(arena_t *arena, const json_t *value, column_kind_t kind)
{
  char *text;
  if (json_is_integer(value) && kind == COLUMN_TIME)
    return text_format_time(arena, json_integer_value(value) * 1000);
  if (json_is_integer(value))
    return arena_format(arena, "%lld", (long long)json_integer_value(value));
  if (json_is_boolean(value))
    return arena_format(arena, "%s", json_is_true(value) ? "yes" : "no");
  if (json_is_array(value))
    return list_text(arena, value);
  text = arena_format(arena, "%s", json_is_string(value) ? json_string_value(value) : "");
  if (text != NULL)
    disarm(text);
  return text;
}

static int width_of(const char *text)
{
  return u8_strwidth((const uint8_t *)text, "UTF-8");
}

static void print_row(const char *const *cells, const int *widths, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    bool last = i + 1 == count;
    printf("%s%*s", cells[i], last ? 0 : widths[i] - width_of(cells[i]) + GAP, "");
  }
  putchar('\n');
}

static bool fill_row(arena_t *arena, const json_t *row, const column_t *columns, size_t count,
                     const char **cells, int *widths)
{
  for (size_t i = 0; i < count; i++) {
    cells[i] = value_text(arena, json_object_get(row, columns[i].member), columns[i].kind);
    if (cells[i] == NULL)
      return false;
    widths[i] = width_of(cells[i]) > widths[i] ? width_of(cells[i]) : widths[i];
  }
  return true;
}

bool table_print(arena_t *arena, const json_t *rows, const column_t *columns, size_t count)
{
  size_t row_count = json_array_size(rows);
  const char **cells = arena_alloc(arena, (row_count + 1) * count * sizeof(*cells));
  int *widths = arena_alloc(arena, count * sizeof(*widths));
  if (cells == NULL || widths == NULL)
    return false;
  for (size_t i = 0; i < count; i++) {
    cells[i] = columns[i].title;
    widths[i] = width_of(columns[i].title);
  }
  for (size_t i = 0; i < row_count; i++)
    if (!fill_row(arena, json_array_get(rows, i), columns, count, cells + (i + 1) * count, widths))
      return false;
  for (size_t i = 0; i <= row_count; i++)
    print_row(cells + i * count, widths, count);
  return true;
}

bool record_print(arena_t *arena, const json_t *object, const column_t *columns, size_t count)
{
  int widest = 0;
  for (size_t i = 0; i < count; i++)
    widest = width_of(columns[i].title) > widest ? width_of(columns[i].title) : widest;
  for (size_t i = 0; i < count; i++) {
    const char *cells[] = {columns[i].title,
                           value_text(arena, json_object_get(object, columns[i].member), columns[i].kind)};
    if (cells[1] == NULL)
      return false;
    print_row(cells, &widest, 2);
  }
  return true;
}
