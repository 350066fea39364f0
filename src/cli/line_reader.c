#include "cli/line_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_SIZE ((size_t)64 * 1024)

struct line_reader {
  int descriptor;
  bool ended;
  size_t longest;
  size_t from, to; /* what has been read and not given out */
  size_t searched; /* up to here there is no newline */
  size_t capacity; /* a line, its newline and room to read */
  uint8_t memory[];
};

line_reader_t *line_reader_new(int descriptor, size_t longest)
{
  size_t capacity = longest + 1 + READ_SIZE;
  line_reader_t *reader = malloc(sizeof *reader + capacity);
  if (reader != NULL)
    *reader = (line_reader_t){.descriptor = descriptor, .longest = longest, .capacity = capacity};
  return reader;
}

void line_reader_free(line_reader_t *reader)
{
  free(reader);
}

static const uint8_t *find_newline(line_reader_t *reader)
{
  const uint8_t *newline = memchr(reader->memory + reader->searched, '\n', reader->to - reader->searched);
  reader->searched = newline != NULL ? (size_t)(newline - reader->memory) : reader->to;
  return newline;
}

/* Moves what is left to the front, so that a long log keeps to the same pages, and reads more behind it. */
static bool fill(line_reader_t *reader)
{
  if (reader->from > 0)
    memmove(reader->memory, reader->memory + reader->from, reader->to - reader->from);
  reader->to -= reader->from;
  reader->searched -= reader->from;
  reader->from = 0;
  ssize_t len;
  do
    len = read(reader->descriptor, reader->memory + reader->to, READ_SIZE);
  while (len < 0 && errno == EINTR);
  if (len < 0)
    return false;
  reader->to += (size_t)len;
  reader->ended = len == 0;
  return true;
}

/* Gives out everything up to its newline or the end. */
static bytes_t take(line_reader_t *reader, const uint8_t *newline)
{
  const uint8_t *line = reader->memory + reader->from;
  size_t len = newline != NULL ? (size_t)(newline - line) : reader->to - reader->from;
  reader->from += len + (newline != NULL ? 1 : 0);
  reader->searched = reader->from;
  return bytes_of(line, len);
}

/* Past the rest of a line that is too long already. */
static line_status_t skip_line(line_reader_t *reader)
{
  const uint8_t *newline = find_newline(reader);
  while (newline == NULL && !reader->ended) {
    reader->from = reader->to;
    if (!fill(reader))
      return LINE_FAILED;
    newline = find_newline(reader);
  }
  (void)take(reader, newline);
  return LINE_TOO_LONG;
}

line_status_t line_reader_next(line_reader_t *reader, bytes_t *ret_line)
{
  const uint8_t *newline = find_newline(reader);
  while (newline == NULL && !reader->ended) {
    if (reader->to - reader->from > reader->longest)
      return skip_line(reader);
    if (!fill(reader))
      return LINE_FAILED;
    newline = find_newline(reader);
  }
  if (newline == NULL && reader->from == reader->to)
    return LINE_END;
  bytes_t line = take(reader, newline);
  if (line.len > reader->longest)
    return LINE_TOO_LONG;
  *ret_line = line;
  return LINE_READ;
}

bool line_reader_would_wait(line_reader_t *reader)
{
  if (reader->ended || find_newline(reader) != NULL)
    return false;
  struct pollfd waiting = {.fd = reader->descriptor, .events = POLLIN};
  return poll(&waiting, 1, 0) == 0;
}
