/* DER as certificates carry it: one element around what was built before. */
#ifndef SEKISHO_TESTS_DER_BUILD_H
#define SEKISHO_TESTS_DER_BUILD_H

#include "base/arena.h"

/* identifier: class, constructed bit and tag below 31 as their one byte: 0x30 SEQUENCE, 0x31 SET, 0x04 OCTET
 * STRING. */
bytes_t der_build(arena_t *arena, uint8_t identifier, bytes_t content);
/* [tag] EXPLICIT, for any tag. */
bytes_t der_explicit(arena_t *arena, uint32_t tag, bytes_t content);
/* INTEGER below 128. */
bytes_t der_small(arena_t *arena, uint8_t identifier, uint8_t number);
bytes_t der_join(arena_t *arena, const bytes_t *parts, size_t count);

#endif
