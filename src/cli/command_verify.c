#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/line_reader.h"
#include "cli/verify_case.h"

#define CASE_ARENA_FIRST ((size_t)16 * 1024)
#define CASE_ARENA_LIMIT ((size_t)8 * 1024 * 1024)
#define OUTPUT_BUFFER ((size_t)64 * 1024)

static bool answer_line(line_status_t status, bytes_t line, int64_t time_ms)
{
  arena_t *arena = arena_new(CASE_ARENA_FIRST, CASE_ARENA_LIMIT);
  if (arena == NULL)
    return false;
  bytes_t answer = status == LINE_READ ? verify_case_run(arena, line, time_ms) : verify_case_too_long(arena);
  bool written = answer.len > 0 && fwrite(answer.data, answer.len, 1, stdout) == 1;
  arena_free(arena);
  return written;
}

/* To the end of the input. Answers are gathered while there is input, and shown when it pauses. */
static bool answer_all(line_reader_t *reader, int64_t time_ms)
{
  bytes_t line = BYTES_NONE;
  for (;;) {
    if (line_reader_would_wait(reader) && fflush(stdout) != 0)
      return false;
    line_status_t status = line_reader_next(reader, &line);
    if (status == LINE_END)
      return fflush(stdout) == 0;
    if (status == LINE_FAILED || !answer_line(status, line, time_ms))
      return false;
  }
}

/* argv is checked: nothing, or --at TIME. */
static bool parse_options(int argc, char **argv, int64_t *ret_time_ms)
{
  *ret_time_ms = clock_now_ms();
  if (argc == 1)
    return true;
  return argc == 3 && strcmp(argv[1], "--at") == 0 &&
         text_parse_time(bytes_of_string(argv[2]), ret_time_ms) == ERR_NONE;
}

/* Cases in, one a line; answers out, in order. A case that fails is an answer, not a failure of the command.
 */
int command_verify(int argc, char **argv)
{
  int64_t time_ms = 0;
  if (!parse_options(argc, argv, &time_ms))
    return cli_usage("verify");
  signal(SIGPIPE, SIG_IGN);
  setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
  CLEANUP(line_reader_drop) line_reader_t *reader = line_reader_new(STDIN_FILENO, VERIFY_LINE_MAX);
  errno = ENOMEM; /* unless something else fails */
  if (reader != NULL && answer_all(reader, time_ms))
    return EXIT_DONE;
  if (errno == EPIPE) /* whoever read the answers has seen enough */
    return EXIT_REFUSED;
  return cli_fail(EXIT_REFUSED, "verify: reading or writing failed: %s", strerror(errno));
}
