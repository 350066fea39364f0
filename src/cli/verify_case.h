/* One line of `sekisho verify`: a recorded ceremony with the settings under which it is to be judged. */
#ifndef SEKISHO_CLI_VERIFY_CASE_H
#define SEKISHO_CLI_VERIFY_CASE_H

#include "base/json.h"

#define VERIFY_LINE_MAX ((size_t)1024 * 1024)

/* A JSON object in, a JSON object out (a new reference, NULL only when out of memory). time_ms is used where
 * the line has no `time`. Anything that is not a case gives verified false and error "malformed". */
json_t *verify_case_run(arena_t *arena, bytes_t line, int64_t time_ms);

#endif
