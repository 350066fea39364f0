/* The migrations of one domain's database: schema/authority and schema/shared, embedded. */
#ifndef SEKISHO_STORE_AUTHORITY_SCHEMA_H
#define SEKISHO_STORE_AUTHORITY_SCHEMA_H

#include "store/store.h"

extern const migration_t authority_migrations[];
extern const size_t authority_migrations_count;

#endif
