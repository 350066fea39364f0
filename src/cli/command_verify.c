#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/verify_case.h"

#define CASE_ARENA_FIRST ((size_t)64 * 1024)
#define CASE_ARENA_LIMIT ((size_t)8 * 1024 * 1024)

static bool write_answer(const json_t *answer)
{
  return answer != NULL && json_dumpf(answer, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;
}

static bool verify_line(bytes_t line, int64_t time_ms)
{
  arena_t *arena = arena_new(CASE_ARENA_FIRST, CASE_ARENA_LIMIT);
  if (arena == NULL)
    return false;
  CLEANUP(json_drop) json_t *answer = verify_case_run(arena, line, time_ms);
  bool written = write_answer(answer);
  arena_free(arena);
  return written;
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
  char *line = NULL;
  size_t capacity = 0;
  bool written = true;
  for (ssize_t len; written && (len = getline(&line, &capacity, stdin)) > 0;) {
    size_t end = (size_t)len - (line[len - 1] == '\n' ? 1 : 0);
    written = verify_line(bytes_of(line, end), time_ms);
  }
  bool failed =
      !written || !feof(stdin) || fflush(stdout) != 0; /* getline gives up for want of memory, too */
  free(line);
  return failed ? cli_fail(EXIT_REFUSED, "verify: reading or writing failed: %s", strerror(errno))
                : EXIT_DONE;
}
