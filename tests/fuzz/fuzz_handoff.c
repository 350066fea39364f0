#include "fuzz.h"

#include "handoff/events.h"

/* Whatever parses must build, and parse to the same text again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  bytes_t text = bytes_of(data, size);
  arena_t *arena = arena_new(4096, 1024 * 1024);
  const level_table_t *levels = level_table_builtin();
  handoff_begin_t begin;
  handoff_finish_t finish;
  handoff_ended_t ended;
  handoff_answer_t answer;
  if (handoff_begin_parse(arena, text, &begin) == ERR_NONE) {
    bytes_t built = handoff_begin_build(arena, &begin);
    if (handoff_begin_parse(arena, built, &begin) != ERR_NONE)
      __builtin_trap();
  }
  if (handoff_finish_parse(arena, text, &finish) == ERR_NONE &&
      handoff_finish_parse(arena, handoff_finish_build(arena, &finish), &finish) != ERR_NONE)
    __builtin_trap();
  for (handoff_kind_t kind = HANDOFF_SESSION_ENDED; kind <= HANDOFF_CREDENTIAL_CHANGED; kind++)
    if (handoff_ended_parse(arena, kind, text, &ended) == ERR_NONE &&
        handoff_ended_parse(arena, kind, handoff_ended_build(arena, &ended), &ended) != ERR_NONE)
      __builtin_trap();
  if (handoff_answer_parse(arena, levels, text, &answer) == ERR_NONE &&
      handoff_answer_parse(arena, levels, handoff_answer_build(arena, levels, &answer), &answer) != ERR_NONE)
    __builtin_trap();
  arena_free(arena);
  return 0;
}
