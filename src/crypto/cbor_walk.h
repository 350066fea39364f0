/* A walk over the shape of CBOR before libcbor may see it: libcbor 0.8 takes memory for what five bytes only
 * claim. Accepts the CTAP2 canonical form only: definite lengths, minimal integers, no tags, no floats,
 * sorted unique keys. */
#ifndef SEKISHO_CRYPTO_CBOR_WALK_H
#define SEKISHO_CRYPTO_CBOR_WALK_H

#include "base/bytes.h"

typedef struct cbor_limits {
  size_t depth; /* nesting of arrays and maps */
  size_t items; /* all items together */
} cbor_limits_t;

/* The length of the first item in bytes, 0 when it is not well formed or beyond the limits. */
size_t cbor_walk(bytes_t bytes, cbor_limits_t limits);

#endif
