/* One SQL for both engines. What is written for SQLite is what PostgreSQL is asked, by a small table of
 * words. */
#ifndef SEKISHO_STORE_POSTGRES_SQL_H
#define SEKISHO_STORE_POSTGRES_SQL_H

#include "base/bytes.h"

/* Rewrites statements and migrations; malloced, NULL when out of memory:
 * ?1 → $1; INTEGER → bigint, a key an identity; BLOB → bytea; TEXT → text COLLATE "C", which compares bytes
 * as SQLite does; x'00' → bytea; STRICT, WITHOUT ROWID, AUTOINCREMENT and INDEXED BY go; max(a, b) →
 * GREATEST, min(a, b) → LEAST; group_concat → string_agg; INSERT OR IGNORE → ON CONFLICT DO NOTHING; names
 * that PostgreSQL reserves are quoted.
 *
 * Whatever is not of that kind is left as it is, and refused by the server: a test prepares every statement
 * of the repositories on a real one (tests/lint/check_postgres). */
char *postgres_sql(const char *sql);

#endif
