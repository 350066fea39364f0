/* A walk over the shape of CBOR before anything else may see it: libcbor 0.8 takes memory for what five bytes
 * only claim. Takes definite lengths, minimal integers, texts in UTF-8 without NUL, no tags, no floats, no
 * simple values but false, true and null, and unique keys, in the order of CTAP2 §8 unless told otherwise.
 * What the walk passed, the small reader below may read. */
#ifndef SEKISHO_CRYPTO_CBOR_WALK_H
#define SEKISHO_CRYPTO_CBOR_WALK_H

#include "base/bytes.h"

typedef struct cbor_limits {
  size_t depth;   /* nesting of arrays and maps */
  size_t items;   /* all items together */
  bool any_order; /* keys need not be sorted (they stay unique): for maps that a client platform makes */
} cbor_limits_t;

/* The length of the first item in bytes, 0 when it is not well formed or beyond the limits. */
size_t cbor_walk(bytes_t bytes, cbor_limits_t limits);

typedef enum cbor_kind {
  CBOR_KIND_UNSIGNED = 0,
  CBOR_KIND_NEGATIVE = 1,
  CBOR_KIND_BYTES = 2,
  CBOR_KIND_TEXT = 3,
  CBOR_KIND_ARRAY = 4,
  CBOR_KIND_MAP = 5,
  CBOR_KIND_SIMPLE = 7,
} cbor_kind_t;

/* One item's head, and the content of strings. The members of an array or map follow it in the reader. */
typedef struct cbor_value {
  cbor_kind_t kind;
  uint64_t value; /* the integer, n of -1-n, the number of elements or pairs, 20 false, 21 true, 22 null */
  bytes_t string; /* of CBOR_KIND_BYTES and CBOR_KIND_TEXT */
} cbor_value_t;

/* Reads over bytes that cbor_walk passed; on others it still stays inside, with reader->failed as the only
 * news. */
cbor_value_t cbor_read(reader_t *reader);
/* The whole next item with everything in it, as it is encoded. */
bytes_t cbor_read_encoded(reader_t *reader);
/* False when the item is no integer or outside of int64_t. */
bool cbor_value_integer(const cbor_value_t *item, int64_t *ret_value);
bool cbor_value_is_text(const cbor_value_t *item, const char *text);

#endif
