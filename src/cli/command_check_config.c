/* `sekisho check-config`: every error of a configuration at once, on stderr; notes on stdout. */
#include <stdio.h>

#include "cli/cli.h"

int command_check_config(int argc, char **argv)
{
  if (argc != 2 || argv[1][0] == '-')
    return cli_usage("check-config");
  config_t *config = cli_load_config(argv[1]);
  if (config == NULL)
    return EXIT_REFUSED;
  for (size_t i = 0; i < config->notes.count; i++)
    printf("%s\n", config->notes.items[i]);
  printf("%s: ok, %zu domain%s\n", argv[1], config->domain_count, config->domain_count == 1 ? "" : "s");
  config_free(config);
  return EXIT_DONE;
}
