#include "config/config_detail.h"

#include <string.h>

static const detail_schema_t *member_named(const detail_schema_t *schema, bytes_t name)
{
  if (schema->kind != DETAIL_OBJECT)
    return NULL;
  for (size_t i = 0; i < schema->member_count; i++)
    if (schema->members[i].name != NULL && bytes_equal_string(name, schema->members[i].name))
      return &schema->members[i];
  return NULL;
}

static bool can_be_shown(const detail_schema_t *schema)
{
  if (schema->kind == DETAIL_ARRAY)
    return schema->member_count == 1 && schema->members->kind < DETAIL_OBJECT;
  return schema->kind != DETAIL_OBJECT;
}

const detail_schema_t *config_detail_find_member(const detail_schema_t *schema, bytes_t path)
{
  while (schema != NULL && path.len > 0) {
    const uint8_t *dot = memchr(path.data, '.', path.len);
    size_t len = dot != NULL ? (size_t)(dot - path.data) : path.len;
    schema = member_named(schema, bytes_of(path.data, len));
    if (dot == NULL)
      return schema != NULL && can_be_shown(schema) ? schema : NULL;
    path = bytes_of(dot + 1, path.len - len - 1);
  }
  return NULL;
}
