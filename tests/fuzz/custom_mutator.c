/* libFuzzer's hook, with the mutator that meson.build names for the target; replay.c calls it as well. */
#include <string.h>

#include "fuzz.h"
#include "mutate.h"

/* libFuzzer's own; there is none in replay. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most) __attribute__((weak));

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
  choice_t choice = choice_of_seed(seed);
  if (LLVMFuzzerMutate != NULL && choice_one_in(&choice, 4))
    return LLVMFuzzerMutate(data, size, most);
  arena_t *arena = arena_new(1 << 16, (size_t)1 << 26);
  if (arena == NULL)
    return size;
  bytes_t bytes = bytes_of(data, size);
  for (size_t times = 1 + choice_below(&choice, 4); times > 0; times--)
    bytes = FUZZ_MUTATOR(arena, &choice, bytes);
  size = bytes.len < most ? bytes.len : most;
  if (size > 0)
    memmove(data, bytes.data, size);
  arena_free(arena);
  return size;
}
