/* Listings for people: aligned columns under a line of titles. Scripts take --json. */
#ifndef SEKISHO_CLI_TABLE_H
#define SEKISHO_CLI_TABLE_H

#include "base/json.h"

typedef enum column_kind {
  COLUMN_PLAIN, /* texts, numbers, yes or no, lists with blanks between */
  COLUMN_TIME,  /* seconds since 1970, printed as RFC 3339 */
} column_kind_t;

typedef struct column {
  const char *title;
  const char *member; /* of each row */
  column_kind_t kind;
} column_t;

/* rows: an array of objects. What a terminal would obey is printed as "?". False when out of memory. */
bool table_print(arena_t *arena, const json_t *rows, const column_t *columns, size_t count);
/* One object: a line each. */
bool record_print(arena_t *arena, const json_t *object, const column_t *columns, size_t count);

#endif
