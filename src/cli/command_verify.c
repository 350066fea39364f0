#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/verify_log.h"

typedef struct verify_options {
  int64_t time_ms;
  int jobs;
} verify_options_t;

static bool parse_jobs(const char *text, int *ret_jobs)
{
  char *end = NULL;
  long jobs = strtol(text, &end, 10);
  if (end == text || *end != '\0' || jobs < 1 || jobs > VERIFY_JOBS_MAX)
    return false;
  *ret_jobs = (int)jobs;
  return true;
}

static bool parse_options(int argc, char **argv, verify_options_t *options)
{
  for (int i = 1; i < argc; i += 2) {
    bool is_at = strcmp(argv[i], "--at") == 0, is_jobs = strcmp(argv[i], "--jobs") == 0;
    if (i + 1 == argc || !(is_at || is_jobs))
      return false;
    if (is_at && text_parse_time(bytes_of_string(argv[i + 1]), &options->time_ms) != ERR_NONE)
      return false;
    if (is_jobs && !parse_jobs(argv[i + 1], &options->jobs))
      return false;
  }
  return true;
}

/* Cases in, one a line; answers out, in order. A case that fails is an answer, not a failure of the command.
 */
int command_verify(int argc, char **argv)
{
  verify_options_t options = {.time_ms = clock_now_ms(), .jobs = 1};
  if (!parse_options(argc, argv, &options))
    return cli_usage("verify");
  signal(SIGPIPE, SIG_IGN);
  json_seed();
  int failure = verify_log_run(options.jobs, options.time_ms);
  if (failure == 0)
    return EXIT_DONE;
  if (failure == EPIPE) /* whoever reads the answers has seen enough */
    return EXIT_REFUSED;
  return cli_fail(EXIT_REFUSED, "verify: reading cases or writing answers failed: %s", strerror(failure));
}
