/* One authorization detail held against its type's schema, and put into the words that people read. Pure. */
#ifndef SEKISHO_AUTHORITY_DETAIL_TYPES_H
#define SEKISHO_AUTHORITY_DETAIL_TYPES_H

#include "base/json.h"
#include "config/config_detail.h"

/* Exactly the members of the schema beside `type`; texts are printable: no control characters, no
 * bidirectional overrides, which could make a sentence read as another. */
bool detail_type_fits(const config_detail_t *type, const json_t *detail);

/* The template with its members filled in: text, and nothing that a page could take for more. */
MUST_USE error_code_t detail_type_show(arena_t *arena, const char *pattern, const json_t *detail,
                                       builder_t *shown);

#endif
