/* What is known about the linked sqlite. */
#include <sqlite3.h>
#include <stddef.h>

#include "store/store.h"

const char *store_engine_version(void)
{
  return sqlite3_libversion();
}

/* In 3.7.0 to 3.51.2; mended in 3.51.3, and in 3.50.7 and 3.44.6 of the older lines. */
bool store_has_wal_reset_race(int version)
{
  if (version < 3007000 || version >= 3051003)
    return false;
  bool mended_3_50 = version >= 3050007 && version < 3051000;
  bool mended_3_44 = version >= 3044006 && version < 3045000;
  return !mended_3_50 && !mended_3_44;
}

const char *store_engine_warning(void)
{
  if (!store_has_wal_reset_race(sqlite3_libversion_number()))
    return NULL;
  return "this sqlite has the WAL-reset race (mended in 3.51.3, 3.50.7 and 3.44.6): sekisho is safe from it "
         "by "
         "writing through one connection, so let no other program write to its databases while it runs";
}
