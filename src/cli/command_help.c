#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "store/store.h"
#include "versions.h"

int command_help(int argc, char **argv)
{
  if (argc > 2)
    return cli_usage("help");
  if (argc == 2) {
    const command_t *command = command_find(argv[1]);
    if (command == NULL)
      return cli_fail(EXIT_USAGE, "there is no command %s; sekisho help lists them", argv[1]);
    printf("usage: %s\n", command->usage);
    return EXIT_DONE;
  }
  printf("sekisho: passkey login, step-up and tokens for products that must not depend on one another\n\n");
  for (size_t i = 0; i < command_count; i++)
    printf("  %-14s %s\n", commands[i].name, commands[i].summary);
  printf("\nsekisho help COMMAND tells more of one. Exit codes: 0 done, 1 refused or failed, 2 usage.\n");
  return EXIT_DONE;
}

int command_version(int argc, char **argv)
{
  (void)argc;
  (void)argv;
  printf("sekisho %s\n", SEKISHO_VERSION);
  for (size_t i = 0; i < sizeof(library_versions) / sizeof(library_versions[0]); i++) {
    const struct library_version *library = &library_versions[i];
    const char *warning =
        strcmp(library->name, "sqlite3") == 0 ? store_engine_warning(library->version) : NULL;
    printf("%s %s\n", library->name, library->version);
    if (warning != NULL)
      printf("  note: %s\n", warning);
  }
#ifdef SEKISHO_TEST_HOOKS
  printf("test hooks: yes (settable clock, failpoints): not for production\n");
#else
  printf("test hooks: no\n");
#endif
  return EXIT_DONE;
}
