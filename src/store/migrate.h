/* Brings a database to the newest version, one transaction a step. */
#ifndef SEKISHO_STORE_MIGRATE_H
#define SEKISHO_STORE_MIGRATE_H

#include "store/store.h"

/* ERR_STORE_VERSION when the database has a version that is not in the list, or was made by a step whose text
 * has changed since. A step that fails leaves the database at the step before. */
MUST_USE error_code_t migrate_run(database_t *database, const migration_t *migrations, size_t count,
                                  error_detail_t *detail);

#endif
