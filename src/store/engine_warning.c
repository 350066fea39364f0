/* What is known about versions of sqlite. Apart from the driver, so that the command line need not link it.
 */
#include <stdlib.h>

#include "store/store.h"

/* As sqlite counts: 3040001 for 3.40.1. */
static long version_number(const char *version)
{
  long number = 0;
  char *at = NULL;
  for (int part = 0; part < 3; part++) {
    number = number * 1000 + strtol(version, &at, 10);
    version = *at == '.' ? at + 1 : at;
  }
  return number;
}

/* In 3.7.0 to 3.51.2; mended in 3.51.3, and in 3.50.7 and 3.44.6 of the older lines. */
static bool has_wal_reset_race(long version)
{
  if (version < 3007000 || version >= 3051003)
    return false;
  bool mended_3_50 = version >= 3050007 && version < 3051000;
  bool mended_3_44 = version >= 3044006 && version < 3045000;
  return !mended_3_50 && !mended_3_44;
}

const char *store_engine_warning(const char *version)
{
  if (!has_wal_reset_race(version_number(version)))
    return NULL;
  return "this sqlite has the WAL-reset race (mended in 3.51.3, 3.50.7 and 3.44.6): sekisho is safe from it "
         "by "
         "writing through one connection, so let no other program write to its databases while it runs";
}
