/* `sekisho verify` alone, for the vectors test. */
#include <stdarg.h>
#include <stdio.h>

#include "cli/cli.h"

int cli_fail(int code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  return code;
}

int cli_usage(const char *name)
{
  fprintf(stderr, "usage: %s [--at TIME]\n", name);
  return EXIT_USAGE;
}

int main(int argc, char **argv)
{
  return command_verify(argc, argv);
}
