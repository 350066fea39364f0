#include "base/clock.h"

#include <time.h>

#ifdef SEKISHO_TEST_HOOKS
#include <stdio.h>
#include <stdlib.h>

/* Seconds from the file, read at every reading so that a running process follows; 0 without a file. */
static int64_t test_offset_ms(void)
{
  const char *path = getenv("SEKISHO_CLOCK_OFFSET_FILE");
  if (path == NULL)
    return 0;
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return 0;
  char line[32];
  long long seconds = 0;
  if (fgets(line, sizeof line, file) != NULL)
    seconds = strtoll(line, NULL, 10);
  fclose(file);
  return SECONDS_MS(seconds);
}
#else
static int64_t test_offset_ms(void)
{
  return 0;
}
#endif

static int64_t read_ms(clockid_t clock)
{
  struct timespec now;
  clock_gettime(clock, &now);
  return SECONDS_MS(now.tv_sec) + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
  return read_ms(CLOCK_REALTIME) + test_offset_ms();
}

int64_t clock_monotonic_ms(void)
{
  return read_ms(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_us(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
