/* The languages that an application asked a page for. */
#ifndef SEKISHO_RP_LOCALES_H
#define SEKISHO_RP_LOCALES_H

#include "base/arena.h"

/* `&ui_locales=…` for a page's address: the language tags that the application asked for, or nothing where
 * they are not such (RFC 5646 §2.1). */
const char *locales_query(arena_t *arena, bytes_t tags);

#endif
