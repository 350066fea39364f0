/* User names: what may be typed, and the one form in which a name is unique. */
#ifndef SEKISHO_RP_USERNAME_H
#define SEKISHO_RP_USERNAME_H

#include "base/arena.h"

#define USERNAME_MAX_LENGTH 128     /* bytes of UTF-8, typed and canonical */
#define DISPLAY_NAME_MAX_LENGTH 256 /* room in a ceremony cookie; authenticators cut at 64 anyway */

/* NFKC, case folding and NFKC again (Unicode §3.13, toNFKC_Casefold's core), so that full-width, ligature and
 * case variants of a name are the same name. White space at the ends is not part of it. ERR_USERNAME for
 * names that are empty, too long, not UTF-8, or with control characters, format characters or inner white
 * space other than single spaces. */
MUST_USE error_code_t username_canonical(arena_t *arena, bytes_t typed, bytes_t *ret_key);
/* Valid UTF-8 of 1 to DISPLAY_NAME_MAX_LENGTH bytes without control characters or bidirectional overrides. */
MUST_USE error_code_t display_name_check(bytes_t name);

#endif
