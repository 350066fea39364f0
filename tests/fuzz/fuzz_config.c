/* The configuration parser: any bytes either become a whole struct or say at least one error. */
#include <stdlib.h>

#include "config/config.h"
#include "fuzz.h"

static void count_line(void *context, const char *line)
{
  ++*(size_t *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  config_t *config = NULL;
  size_t lines = 0;
  error_code_t error = config_parse("f.yaml", bytes_of(data, size), count_line, &lines, &config);
  if ((error == ERR_NONE) != (config != NULL) || (error == ERR_CONFIG) != (lines > 0))
    abort();
  config_free(config);
  return 0;
}
