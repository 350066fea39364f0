/* Lines of a descriptor, as views, in memory that does not grow with the input: a line beyond the bound is
 * read past, not kept. */
#ifndef SEKISHO_CLI_LINE_READER_H
#define SEKISHO_CLI_LINE_READER_H

#include "base/bytes.h"
#include "base/cleanup.h"

typedef struct line_reader line_reader_t;

typedef enum line_status {
  LINE_READ,
  LINE_TOO_LONG, /* it has been read past: the next call goes on behind it */
  LINE_END,
  LINE_FAILED, /* errno says why */
} line_status_t;

/* longest: bytes of a line, without its newline. NULL when out of memory. */
line_reader_t *line_reader_new(int descriptor, size_t longest);
void line_reader_free(line_reader_t *reader);
CLEANUP_FUNCTION(line_reader_drop, line_reader_t, line_reader_free)

/* The next line without its newline; the last one need not have any. The view lives until the next call. */
line_status_t line_reader_next(line_reader_t *reader, bytes_t *ret_line);
/* True when the next call would have to wait for input: the time to show what there is to show. */
bool line_reader_would_wait(line_reader_t *reader);

#endif
