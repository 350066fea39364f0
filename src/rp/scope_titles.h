/* What a domain calls its scopes, as the pages get it. */
#ifndef SEKISHO_RP_SCOPE_TITLES_H
#define SEKISHO_RP_SCOPE_TITLES_H

#include "base/bytes.h"

/* en, ja: one title a line, as the hand-off brings them. Writes `[{"title":{"en":…,"ja":…}},…]`, which takes
 * up to SCOPE_TITLES_ROOM times their length and two bytes more. */
#define SCOPE_TITLES_ROOM 32
void scope_titles_write(builder_t *builder, bytes_t en, bytes_t ja);

#endif
