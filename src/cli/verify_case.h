/* One line of `sekisho verify`: a recorded ceremony with the settings under which it is to be judged. */
#ifndef SEKISHO_CLI_VERIFY_CASE_H
#define SEKISHO_CLI_VERIFY_CASE_H

#include "base/arena.h"

#define VERIFY_LINE_MAX ((size_t)1024 * 1024)

/* A line in, a line of JSON out, with its newline, in the arena; none only when out of memory. time_ms is
 * used where the case has no `time`. Anything that is not a case gives verified false and error "malformed".
 */
bytes_t verify_case_run(arena_t *arena, bytes_t line, int64_t time_ms);
/* The answer to a line that was longer than VERIFY_LINE_MAX. */
bytes_t verify_case_too_long(arena_t *arena);

#endif
