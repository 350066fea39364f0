#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/program.h"

/* `sekisho rp` and `sekisho authority` become that program: it reads the rest of the command line itself. */
static int run_alone(const char *program, char **argv)
{
  program_replace(program, argv);
  return cli_fail(EXIT_REFUSED, "%s cannot be started: %s", program, strerror(errno));
}

int command_rp(int argc, char **argv)
{
  (void)argc;
  return run_alone(PROGRAM_RP, argv);
}

int command_authority(int argc, char **argv)
{
  (void)argc;
  return run_alone(PROGRAM_AUTHORITY, argv);
}
