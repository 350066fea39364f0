#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void cli_complain(const char *format, ...)
{
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  fprintf(stderr, "sekisho: %s\n", line);
}

int cli_usage(const char *name)
{
  const command_t *command = command_find(name);
  fprintf(stderr, "usage: %s\n", command != NULL ? command->usage : "sekisho COMMAND");
  return EXIT_USAGE;
}

static void print_config_error(void *context, const char *line)
{
  (void)context;
  fprintf(stderr, "%s\n", line);
}

config_t *cli_load_config(const char *file)
{
  config_t *config = NULL;
  if (config_load(file != NULL ? file : "sekisho.yaml", print_config_error, NULL, &config) != ERR_NONE)
    return NULL;
  return config;
}

bool cli_parse_port(const char *text, int needed, int *ret_port)
{
  char *end = NULL;
  long port = strtol(text, &end, 10);
  if (end == text || *end != '\0' || port < 1 || port + needed - 1 > 65535)
    return false;
  *ret_port = (int)port;
  return true;
}
