/* Where a store is: a file, or a schema of a PostgreSQL database,
 * `postgresql://host/name?sslmode=verify-full#schema`. The configuration has the address without the schema,
 * which is derived, so that no two stores share one. */
#ifndef SEKISHO_BASE_DATABASE_ADDRESS_H
#define SEKISHO_BASE_DATABASE_ADDRESS_H

#include "base/arena.h"

bool database_address_is_url(const char *address);

/* Why an address of the configuration is refused, or NULL for a good one, files included. Secrets are files:
 * no password stands in an address. */
const char *database_address_problem(bytes_t address);

/* Whether the files that the address names (passfile, sslrootcert, sslcert, sslkey, sslcrl) lie where the
 * sandbox shows them: below /etc, or below the folder. */
bool database_address_files_are_below(const char *address, const char *folder);

/* NULL when the arena is full. `{domain}` in the address becomes the domain, so that each may have a role or
 * a database of its own. */
char *database_address_of_rp(arena_t *arena, const char *address);
char *database_address_of_domain(arena_t *arena, const char *address, const char *domain);

/* "" for a file. */
const char *database_address_schema(const char *address);

#endif
