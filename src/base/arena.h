/* Memory with one lifetime: a request, a ceremony, a configuration. Everything goes at once, wiped. */
#ifndef SEKISHO_BASE_ARENA_H
#define SEKISHO_BASE_ARENA_H

#include <stddef.h>

#include "base/bytes.h"

typedef struct arena arena_t;

/* first is the size of the first block, limit the most that all blocks may take together, in bytes.
 * NULL when out of memory. Free with arena_free, which wipes and takes NULL. */
arena_t *arena_new(size_t first, size_t limit);
void arena_free(arena_t *arena);

/* Zeroed and aligned for any type; NULL when the limit or the memory is reached. */
void *arena_alloc(arena_t *arena, size_t len) __attribute__((malloc, alloc_size(2)));
/* Copies; arena_string adds the NUL. NULL / BYTES_NONE when the limit is reached. */
bytes_t arena_copy(arena_t *arena, bytes_t bytes);
char *arena_string(arena_t *arena, bytes_t text);
char *arena_format(arena_t *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A builder whose memory is capacity bytes of the arena, zeroed; failed at once when they cannot be had. */
builder_t arena_builder(arena_t *arena, size_t capacity);

#endif
