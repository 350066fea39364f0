/* What scopes are called where people are told of them. */
#ifndef SEKISHO_AUTHORITY_SCOPE_TITLES_H
#define SEKISHO_AUTHORITY_SCOPE_TITLES_H

#include "authority/domain.h"

/* One title a line, in the arena; scopes without a title by their names, openid, which says nothing to
 * people, not at all. The domain's own titles come first. */
bytes_t scope_titles(arena_t *arena, const domain_settings_t *settings, bytes_t scope, bool japanese);

#endif
