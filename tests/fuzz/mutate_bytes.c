#include "mutate.h"

/* Ends of ranges, and what readers look for. */
static uint8_t interesting(choice_t *choice)
{
  static const uint8_t VALUES[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x17, 0x18,
                                   0x1f, 0x30, 0x5f, 0xa0, 0xbf, '"',  '\\'};
  return VALUES[choice_below(choice, sizeof(VALUES))];
}

static void add_range(builder_t *builder, bytes_t bytes, size_t from, size_t to)
{
  if (from < to)
    builder_add(builder, bytes_of(bytes.data + from, to - from));
}

static uint8_t other_value(choice_t *choice, uint8_t value)
{
  if (choice_one_in(choice, 2))
    return interesting(choice);
  return (uint8_t)(value ^ 1U << choice_below(choice, 8));
}

static void change_one(builder_t *builder, choice_t *choice, bytes_t bytes)
{
  size_t at = choice_below(choice, bytes.len);
  add_range(builder, bytes, 0, at);
  uint8_t value = bytes.len > 0 ? bytes.data[at] : 0;
  builder_add_u8(builder, other_value(choice, value));
  if (at < bytes.len)
    add_range(builder, bytes, at + 1, bytes.len);
}

/* Without it, or with it once more. */
static void cut_or_double(builder_t *builder, choice_t *choice, bytes_t bytes, bool cut)
{
  size_t from = choice_below(choice, bytes.len), to = from + 1 + choice_below(choice, bytes.len - from);
  to = to > bytes.len ? bytes.len : to;
  add_range(builder, bytes, 0, cut ? from : to);
  add_range(builder, bytes, cut ? to : from, bytes.len);
}

static void put_in(builder_t *builder, choice_t *choice, bytes_t bytes)
{
  size_t at = choice_below(choice, bytes.len + 1);
  add_range(builder, bytes, 0, at);
  for (size_t count = 1 + choice_below(choice, 4); count > 0; count--)
    builder_add_u8(builder, choice_one_in(choice, 2) ? interesting(choice) : choice_byte(choice));
  add_range(builder, bytes, at, bytes.len);
}

bytes_t mutate_bytes(arena_t *arena, choice_t *choice, bytes_t bytes)
{
  builder_t builder = arena_builder(arena, 2 * bytes.len + 8);
  switch (choice_below(choice, 6)) {
  case 0:
    cut_or_double(&builder, choice, bytes, true);
    break;
  case 1:
    cut_or_double(&builder, choice, bytes, false);
    break;
  case 2:
    put_in(&builder, choice, bytes);
    break;
  case 3:
    add_range(&builder, bytes, 0, choice_below(choice, bytes.len + 1));
    break;
  default:
    change_one(&builder, choice, bytes);
    break;
  }
  return builder.failed || builder.len > MUTATED_MAX ? bytes : builder_bytes(&builder);
}
