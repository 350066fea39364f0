/* Fields of the small sealed records: fixed widths, and texts behind a 16-bit length. */
#ifndef SEKISHO_RP_FIELD_H
#define SEKISHO_RP_FIELD_H

#include <string.h>

#include "base/bytes.h"

static inline void field_add(builder_t *builder, bytes_t value)
{
  if (value.len > UINT16_MAX) {
    builder->failed = true;
    return;
  }
  builder_add_u16be(builder, (uint16_t)value.len);
  builder_add(builder, value);
}

static inline bytes_t field_take(reader_t *reader)
{
  size_t len = reader_u16be(reader);
  return reader_take(reader, len);
}

/* Leaves memory as it is when too little is left: reader->failed tells. */
static inline void field_take_exact(reader_t *reader, void *memory, size_t len)
{
  bytes_t value = reader_take(reader, len);
  if (!reader->failed)
    memcpy(memory, value.data, len);
}

#endif
