/* Text from outside: valid UTF-8, bounded, without control characters. */
#ifndef SEKISHO_BASE_TEXT_H
#define SEKISHO_BASE_TEXT_H

#include "base/arena.h"

/* Well-formed UTF-8 (no overlong forms, no surrogates); a NUL byte makes it false. */
bool text_is_utf8(bytes_t text);
/* text_is_utf8, 1..max bytes, no C0/C1 control characters, no bidirectional overrides. */
bool text_is_printable(bytes_t text, size_t max);
/* Durations of the configuration: 90s, 5m, 12h, 30d, in milliseconds. A number without unit is refused. */
MUST_USE error_code_t text_parse_duration(bytes_t text, int64_t *ret_ms);
/* "12 h", "5 min", for sentences that people read. */
char *text_format_duration(arena_t *arena, int64_t duration_ms);
/* RFC 3339 in UTC, with seconds, and back. */
char *text_format_time(arena_t *arena, int64_t time_ms);
MUST_USE error_code_t text_parse_time(bytes_t text, int64_t *ret_ms);

#endif
