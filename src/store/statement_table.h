/* The prepared statements of a connection, found by the address of their text. */
#ifndef SEKISHO_STORE_STATEMENT_TABLE_H
#define SEKISHO_STORE_STATEMENT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/database.h"

typedef struct statement_slot {
  const char *sql; /* the literal's address is the key; NULL: free */
  statement_t *statement;
} statement_slot_t;

typedef struct statement_table {
  statement_slot_t *slots; /* open addressing; the count is a power of two */
  size_t slot_count;
  size_t used;
} statement_table_t;

/* False when out of memory; done may be called all the same. */
bool statement_table_init(statement_table_t *table);
void statement_table_done(statement_table_t *table); /* not the statements */

statement_t *statement_table_find(const statement_table_t *table, const char *sql); /* or NULL */
/* False when there is no room for one more. */
bool statement_table_reserve(statement_table_t *table);
/* After statement_table_reserve. */
void statement_table_add(statement_table_t *table, const char *sql, statement_t *statement);

#endif
