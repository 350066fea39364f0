#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

typedef struct block {
  struct block *next;
  size_t capacity;
  size_t used;
  alignas(max_align_t) uint8_t memory[];
} block_t;

struct arena {
  block_t *blocks; /* newest first */
  size_t taken;    /* capacity of all blocks */
  size_t limit;
};

static block_t *block_new(size_t capacity, block_t *next)
{
  block_t *block = malloc(sizeof *block + capacity);
  if (block == NULL)
    return NULL;
  block->next = next;
  block->capacity = capacity;
  block->used = 0;
  return block;
}

arena_t *arena_new(size_t first, size_t limit)
{
  if (limit > SIZE_MAX / 4)
    limit = SIZE_MAX / 4; /* so that no sum below can overflow */
  if (first > limit)
    first = limit;
  arena_t *arena = malloc(sizeof *arena);
  if (arena == NULL)
    return NULL;
  *arena = (arena_t){block_new(first, NULL), first, limit};
  if (arena->blocks == NULL) {
    free(arena);
    return NULL;
  }
  return arena;
}

void arena_free(arena_t *arena)
{
  if (arena == NULL)
    return;
  block_t *block = arena->blocks;
  while (block != NULL) {
    block_t *next = block->next;
    secret_wipe(block->memory, block->used);
    free(block);
    block = next;
  }
  free(arena);
}

static size_t aligned(size_t len)
{
  return (len + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

/* A block for at least len more bytes: twice the last one, as far as the limit allows. */
static block_t *grow(arena_t *arena, size_t len)
{
  size_t allowed = arena->limit - arena->taken;
  if (len > allowed)
    return NULL;
  size_t capacity = arena->blocks->capacity * 2;
  if (capacity < len)
    capacity = len;
  if (capacity > allowed)
    capacity = allowed;
  block_t *block = block_new(capacity, arena->blocks);
  if (block == NULL)
    return NULL;
  arena->blocks = block;
  arena->taken += capacity;
  return block;
}

/* Memory as it is, for who fills it at once. */
static void *take(arena_t *arena, size_t len)
{
  if (len > arena->limit)
    return NULL;
  size_t room = aligned(len == 0 ? 1 : len);
  block_t *block = arena->blocks;
  if (room > block->capacity - block->used) {
    block = grow(arena, room);
    if (block == NULL)
      return NULL;
  }
  void *memory = block->memory + block->used;
  block->used += room;
  return memory;
}

void *arena_alloc(arena_t *arena, size_t len)
{
  void *memory = take(arena, len);
  if (memory != NULL)
    memset(memory, 0, len);
  return memory;
}

bytes_t arena_copy(arena_t *arena, bytes_t bytes)
{
  uint8_t *memory = take(arena, bytes.len);
  if (memory == NULL)
    return BYTES_NONE;
  if (bytes.len > 0)
    memcpy(memory, bytes.data, bytes.len);
  return bytes_of(memory, bytes.len);
}

char *arena_string(arena_t *arena, bytes_t text)
{
  if (text.len == SIZE_MAX)
    return NULL;
  char *string = take(arena, text.len + 1);
  if (string == NULL)
    return NULL;
  if (text.len > 0)
    memcpy(string, text.data, text.len);
  string[text.len] = '\0';
  return string;
}

char *arena_format(arena_t *arena, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  int len = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  char *string = len < 0 ? NULL : take(arena, (size_t)len + 1);
  if (string != NULL)
    vsnprintf(string, (size_t)len + 1, format, again);
  va_end(again);
  return string;
}

builder_t arena_builder(arena_t *arena, size_t capacity)
{
  return builder_over(arena_alloc(arena, capacity), capacity);
}
