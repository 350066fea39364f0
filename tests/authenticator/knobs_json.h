/* Knobs as JSON: the names of soft_knobs_t in camel case; bytes in base64url, flags as booleans. */
#ifndef SEKISHO_TESTS_KNOBS_JSON_H
#define SEKISHO_TESTS_KNOBS_JSON_H

#include "authenticator.h"

/* NULL gives honest knobs. False, with the member's name in *ret_name, for one that is unknown or of a wrong
 * type. Texts are borrowed from knobs, bytes are in the arena. */
bool knobs_parse(arena_t *arena, const json_t *knobs, soft_knobs_t *ret_knobs, const char **ret_name);

#endif
