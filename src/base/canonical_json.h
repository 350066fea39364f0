/* The JSON Canonicalization Scheme (RFC 8785): one text for one value, so that its hash means the value. */
#ifndef SEKISHO_BASE_CANONICAL_JSON_H
#define SEKISHO_BASE_CANONICAL_JSON_H

#include "base/json.h"

/* Compact text in the arena. ERR_MALFORMED for what has no canonical form: integers that a double does not
 * hold exactly (RFC 7493 §2.2), numbers that are not finite; ERR_TOO_LARGE for a text longer than max. */
MUST_USE error_code_t canonical_json_print(arena_t *arena, const json_t *value, size_t max,
                                           bytes_t *ret_text);

#endif
