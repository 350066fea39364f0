/* sekisho: the command line and the supervisor. */
#include <string.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
  if (argc < 2) {
    command_help(1, argv);
    return EXIT_USAGE;
  }
  const char *name = argv[1];
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
    name = "help";
  const command_t *command = command_find(name);
  if (command == NULL)
    return cli_fail(EXIT_USAGE, "there is no command %s; sekisho help lists them", argv[1]);
  return command->run(argc - 1, argv + 1);
}
