/* Preloaded by benchmarks and fault tests: makes fsync and fdatasync take SEKISHO_FSYNC_MS milliseconds (2
 * when unset) instead of what this machine's disk takes, so that ratios can be compared between machines. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int sync_slowly(void)
{
  const char *text = getenv("SEKISHO_FSYNC_MS");
  long ms = text != NULL ? strtol(text, NULL, 10) : 2;
  struct timespec rest = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&rest, &rest) != 0)
    continue;
  return 0;
}

int fsync(int file)
{
  (void)file;
  return sync_slowly();
}

int fdatasync(int file)
{
  (void)file;
  return sync_slowly();
}
