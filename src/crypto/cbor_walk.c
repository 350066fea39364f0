#include "crypto/cbor_walk.h"

#include <string.h>

#include "base/text.h"

#define SIMPLE_FALSE 20
#define SIMPLE_NULL 22

/* One walk: what is left of the input and of the limits. */
typedef struct walk {
  reader_t reader;
  size_t items_left;
  bool any_order;
} walk_t;

/* The head of an item: kind and argument, in the shortest form only (RFC 8949 §4.2.1; CTAP2 §8). */
static bool head_read(reader_t *reader, cbor_kind_t *ret_kind, uint64_t *ret_value)
{
  uint8_t first = reader_u8(reader);
  uint8_t additional = first & 0x1f;
  uint64_t value = additional, least = 0;
  if (additional == 24) {
    value = reader_u8(reader);
    least = 24;
  } else if (additional == 25) {
    value = reader_u16be(reader);
    least = UINT64_C(1) << 8;
  } else if (additional == 26) {
    value = reader_u32be(reader);
    least = UINT64_C(1) << 16;
  } else if (additional == 27) {
    value = reader_u64be(reader);
    least = UINT64_C(1) << 32;
  } else if (additional > 27) {
    return false; /* reserved, or an indefinite length */
  }
  *ret_kind = (cbor_kind_t)(first >> 5);
  *ret_value = value;
  return !reader->failed && value >= least;
}

cbor_value_t cbor_read(reader_t *reader)
{
  cbor_value_t item = {.kind = CBOR_KIND_SIMPLE, .value = SIMPLE_NULL};
  if (!head_read(reader, &item.kind, &item.value))
    reader->failed = true;
  else if (item.kind == CBOR_KIND_BYTES || item.kind == CBOR_KIND_TEXT)
    item.string = item.value <= reader->left ? reader_take(reader, (size_t)item.value)
                                             : reader_take(reader, SIZE_MAX); /* fails */
  return item;
}

static bool walk_item(walk_t *walk, size_t depth_left);

/* CTAP2 §8: major type first, then length, then bytes; which is the first byte's high bits, length, memcmp.
 */
static int key_compare(bytes_t a, bytes_t b)
{
  int major_a = a.data[0] >> 5, major_b = b.data[0] >> 5;
  if (major_a != major_b)
    return major_a - major_b;
  if (a.len != b.len)
    return a.len < b.len ? -1 : 1;
  return memcmp(a.data, b.data, a.len);
}

/* Looks for the key among those of the pairs before it: both are in bytes that the walk has passed. */
static bool key_is_new(const uint8_t *pairs, uint64_t count, bytes_t key)
{
  reader_t reader = {.at = pairs, .left = (size_t)(key.data - pairs)};
  for (uint64_t i = 0; i < count; i++) {
    if (bytes_equal(cbor_read_encoded(&reader), key))
      return false;
    cbor_read_encoded(&reader);
  }
  return true;
}

static bool walk_map(walk_t *walk, uint64_t pairs, size_t depth_left)
{
  const uint8_t *start = walk->reader.at;
  bytes_t previous = BYTES_NONE;
  for (uint64_t i = 0; i < pairs; i++) {
    bytes_t key = {walk->reader.at, 0};
    if (!walk_item(walk, depth_left))
      return false;
    key.len = (size_t)(walk->reader.at - key.data);
    if (!walk->any_order && previous.len > 0 && key_compare(previous, key) >= 0)
      return false;
    if (walk->any_order && !key_is_new(start, i, key))
      return false;
    if (!walk_item(walk, depth_left))
      return false;
    previous = key;
  }
  return true;
}

static bool walk_array(walk_t *walk, uint64_t elements, size_t depth_left)
{
  for (uint64_t i = 0; i < elements; i++)
    if (!walk_item(walk, depth_left))
      return false;
  return true;
}

static bool walk_item(walk_t *walk, size_t depth_left)
{
  if (walk->items_left == 0)
    return false;
  walk->items_left--;
  cbor_value_t item = cbor_read(&walk->reader);
  if (walk->reader.failed)
    return false;
  switch (item.kind) {
  case CBOR_KIND_UNSIGNED:
  case CBOR_KIND_NEGATIVE:
  case CBOR_KIND_BYTES:
    return true;
  case CBOR_KIND_TEXT: /* RFC 8949 §5.3.1; a NUL has no place in any name of ours either */
    return text_is_utf8(item.string);
  case CBOR_KIND_ARRAY: /* each element takes a byte at least */
    return depth_left > 0 && item.value <= walk->reader.left && walk_array(walk, item.value, depth_left - 1);
  case CBOR_KIND_MAP:
    return depth_left > 0 && item.value <= walk->reader.left / 2 &&
           walk_map(walk, item.value, depth_left - 1);
  case CBOR_KIND_SIMPLE:
    return item.value >= SIMPLE_FALSE && item.value <= SIMPLE_NULL;
  }
  return false; /* tags */
}

size_t cbor_walk(bytes_t bytes, cbor_limits_t limits)
{
  walk_t walk = {.reader = reader_over(bytes), .items_left = limits.items, .any_order = limits.any_order};
  if (!walk_item(&walk, limits.depth))
    return 0;
  return bytes.len - walk.reader.left;
}

bytes_t cbor_read_encoded(reader_t *reader)
{
  const uint8_t *start = reader->at;
  size_t before = reader->left;
  /* Bounded by the input: every round takes a byte at least, or fails. */
  for (uint64_t owed = 1; owed > 0 && !reader->failed; owed--) {
    cbor_value_t item = cbor_read(reader);
    uint64_t members = item.kind == CBOR_KIND_ARRAY ? item.value : 0;
    if (item.kind == CBOR_KIND_MAP)
      members = item.value <= reader->left ? item.value * 2 : UINT64_MAX;
    if (members > reader->left)
      reader->failed = true;
    owed += reader->failed ? 0 : members;
  }
  return reader->failed ? BYTES_NONE : bytes_of(start, before - reader->left);
}

bool cbor_value_integer(const cbor_value_t *item, int64_t *ret_value)
{
  bool negative = item->kind == CBOR_KIND_NEGATIVE;
  if ((!negative && item->kind != CBOR_KIND_UNSIGNED) || item->value > INT64_MAX)
    return false;
  *ret_value = negative ? -1 - (int64_t)item->value : (int64_t)item->value;
  return true;
}

bool cbor_value_is_text(const cbor_value_t *item, const char *text)
{
  return item->kind == CBOR_KIND_TEXT && bytes_equal_string(item->string, text);
}
