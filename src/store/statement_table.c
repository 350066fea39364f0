#include "store/statement_table.h"

#include <stdint.h>
#include <stdlib.h>

#define FIRST_SLOTS 64

/* The slot of a statement, or the free one where it belongs. */
static statement_slot_t *slot_of(const statement_table_t *table, const char *sql)
{
  /* Literals lie close together: multiply to spread them over the high bits. */
  uint64_t hash = (uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15);
  size_t at = (size_t)(hash >> 32) & (table->slot_count - 1);
  while (table->slots[at].sql != NULL && table->slots[at].sql != sql)
    at = (at + 1) & (table->slot_count - 1);
  return &table->slots[at];
}

bool statement_table_init(statement_table_t *table)
{
  table->slots = calloc(FIRST_SLOTS, sizeof(*table->slots));
  table->slot_count = table->slots != NULL ? FIRST_SLOTS : 0;
  table->used = 0;
  return table->slots != NULL;
}

void statement_table_done(statement_table_t *table)
{
  free(table->slots);
}

statement_t *statement_table_find(const statement_table_t *table, const char *sql)
{
  return slot_of(table, sql)->statement;
}

/* Keeps at least a quarter of the slots free. */
bool statement_table_reserve(statement_table_t *table)
{
  if (table->used + 1 <= table->slot_count / 4 * 3)
    return true;
  size_t old_count = table->slot_count;
  statement_slot_t *old = table->slots;
  statement_slot_t *slots = calloc(old_count * 2, sizeof(*slots));
  if (slots == NULL)
    return false;
  table->slots = slots;
  table->slot_count = old_count * 2;
  for (size_t i = 0; i < old_count; i++)
    if (old[i].sql != NULL)
      *slot_of(table, old[i].sql) = old[i];
  free(old);
  return true;
}

void statement_table_add(statement_table_t *table, const char *sql, statement_t *statement)
{
  *slot_of(table, sql) = (statement_slot_t){sql, statement};
  table->used++;
}
