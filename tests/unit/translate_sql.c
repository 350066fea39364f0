/* Statements from standard input, each ended by a record separator, as the PostgreSQL driver rewrites them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/postgres_sql.h"

#define SEPARATOR 0x1e

int main(void)
{
  char *text = NULL;
  size_t room = 0;
  while (getdelim(&text, &room, SEPARATOR, stdin) > 0) {
    for (char *at = text; *at != '\0'; at++)
      if (*at == SEPARATOR)
        *at = '\0';
    char *sql = postgres_sql(text);
    if (sql == NULL)
      return 1;
    printf("%s%c", sql, SEPARATOR);
    free(sql);
  }
  free(text);
  return 0;
}
