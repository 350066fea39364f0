#include "der_build.h"

#include "soft_check.h"

static void add_length(builder_t *builder, size_t len)
{
  if (len >= 0x100) {
    builder_add_u8(builder, 0x82);
    builder_add_u16be(builder, (uint16_t)len);
  } else {
    if (len >= 0x80)
      builder_add_u8(builder, 0x81);
    builder_add_u8(builder, (uint8_t)len);
  }
}

static bytes_t wrap(arena_t *arena, bytes_t identifier, bytes_t content)
{
  builder_t builder = arena_builder(arena, content.len + 10);
  SOFT_MUST(content.len < 0x10000);
  builder_add(&builder, identifier);
  add_length(&builder, content.len);
  builder_add(&builder, content);
  SOFT_MUST(!builder.failed);
  return builder_bytes(&builder);
}

bytes_t der_build(arena_t *arena, uint8_t identifier, bytes_t content)
{
  return wrap(arena, bytes_of(&identifier, 1), content);
}

bytes_t der_explicit(arena_t *arena, uint32_t tag, bytes_t content)
{
  if (tag < 31)
    return der_build(arena, (uint8_t)(0xa0 | tag), content);
  SOFT_MUST(tag < 1u << 14);
  const uint8_t identifier[] = {0xbf, (uint8_t)(0x80 | tag >> 7), (uint8_t)(tag & 0x7f)};
  return tag < 128 ? wrap(arena, bytes_of((const uint8_t[]){0xbf, (uint8_t)tag}, 2), content)
                   : wrap(arena, bytes_of(identifier, sizeof(identifier)), content);
}

bytes_t der_small(arena_t *arena, uint8_t identifier, uint8_t number)
{
  return der_build(arena, identifier, bytes_of(&number, 1));
}

bytes_t der_join(arena_t *arena, const bytes_t *parts, size_t count)
{
  size_t len = 0;
  for (size_t i = 0; i < count; i++)
    len += parts[i].len;
  builder_t builder = arena_builder(arena, len + 1);
  for (size_t i = 0; i < count; i++)
    builder_add(&builder, parts[i]);
  SOFT_MUST(!builder.failed);
  return builder_bytes(&builder);
}
