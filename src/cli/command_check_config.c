/* `sekisho check-config`: every error of a configuration at once, on stderr; notes on stdout. */
#include <stdio.h>

#include "cli/cli.h"
#include "crypto/signature_algorithm.h"

/* What the configuration's reader cannot know: it sees no OpenSSL. */
static bool check_algorithms(const char *file, const config_t *config)
{
  const text_list_t *names = &config->rp.algorithms;
  bool good = true;
  for (size_t i = 0; i < names->count; i++) {
    const signature_info_t *info = NULL;
    error_detail_t why;
    if (signature_find(names->items[i], &info, &why) == ERR_NONE)
      continue;
    fprintf(stderr, "%s: rp.algorithms: %s, allowed: algorithms that it has\n", file, why.text);
    good = false;
  }
  return good;
}

int command_check_config(int argc, char **argv)
{
  if (argc != 2 || argv[1][0] == '-')
    return cli_usage("check-config");
  config_t *config = cli_load_config(argv[1]);
  if (config == NULL)
    return EXIT_REFUSED;
  if (!check_algorithms(argv[1], config)) {
    config_free(config);
    return EXIT_REFUSED;
  }
  for (size_t i = 0; i < config->notes.count; i++)
    printf("%s\n", config->notes.items[i]);
  printf("%s: ok, %zu domain%s\n", argv[1], config->domain_count, config->domain_count == 1 ? "" : "s");
  config_free(config);
  return EXIT_DONE;
}
