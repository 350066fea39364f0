#include "cbor_build.h"

void cbor_add_head(builder_t *builder, unsigned major, uint64_t value)
{
  uint8_t kind = (uint8_t)(major << 5);
  if (value < 24) {
    builder_add_u8(builder, (uint8_t)(kind | value));
  } else if (value <= UINT8_MAX) {
    builder_add_u8(builder, kind | 24);
    builder_add_u8(builder, (uint8_t)value);
  } else if (value <= UINT16_MAX) {
    builder_add_u8(builder, kind | 25);
    builder_add_u16be(builder, (uint16_t)value);
  } else if (value <= UINT32_MAX) {
    builder_add_u8(builder, kind | 26);
    builder_add_u32be(builder, (uint32_t)value);
  } else {
    builder_add_u8(builder, kind | 27);
    builder_add_u64be(builder, value);
  }
}

void cbor_add_integer(builder_t *builder, int64_t value)
{
  if (value >= 0)
    cbor_add_head(builder, 0, (uint64_t)value);
  else
    cbor_add_head(builder, 1, (uint64_t)(-1 - value));
}

void cbor_add_bytes(builder_t *builder, bytes_t bytes)
{
  cbor_add_head(builder, 2, bytes.len);
  builder_add(builder, bytes);
}

void cbor_add_text(builder_t *builder, const char *text)
{
  bytes_t bytes = bytes_of_string(text);
  cbor_add_head(builder, 3, bytes.len);
  builder_add(builder, bytes);
}

void cbor_add_array(builder_t *builder, uint64_t elements)
{
  cbor_add_head(builder, 4, elements);
}

void cbor_add_map(builder_t *builder, uint64_t pairs)
{
  cbor_add_head(builder, 5, pairs);
}
