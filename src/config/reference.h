/* The table of keys as people and tools read it: docs/configuration.md and schema/config.schema.json. A test
 * holds both files against what these make. */
#ifndef SEKISHO_CONFIG_REFERENCE_H
#define SEKISHO_CONFIG_REFERENCE_H

#include "base/arena.h"

/* NULL when out of memory. */
char *config_reference_markdown(arena_t *arena);
/* JSON Schema 2020-12, indented. */
char *config_reference_schema(arena_t *arena);

#endif
