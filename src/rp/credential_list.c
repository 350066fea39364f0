#include "rp/credential_list.h"

void credential_list_write_transports(builder_t *builder, bytes_t transports)
{
  builder_add_string(builder, "[");
  for (size_t at = 0; at < transports.len;) {
    size_t end = at;
    while (end < transports.len && transports.data[end] != ',')
      end++;
    builder_add_string(builder, at > 0 ? "," : "");
    builder_add_json_string(builder, bytes_of(transports.data + at, end - at));
    at = end + 1;
  }
  builder_add_string(builder, "]");
}

void credential_list_write(builder_t *builder, const rp_credential_hint_t *items, size_t count)
{
  builder_add_string(builder, "[");
  for (size_t i = 0; i < count; i++) {
    builder_add_string(builder,
                       i > 0 ? ",{\"type\":\"public-key\",\"id\":\"" : "{\"type\":\"public-key\",\"id\":\"");
    builder_add_base64url(builder, items[i].credential_id);
    builder_add_string(builder, "\"");
    if (items[i].transports.len > 0) {
      builder_add_string(builder, ",\"transports\":");
      credential_list_write_transports(builder, items[i].transports);
    }
    builder_add_string(builder, "}");
  }
  builder_add_string(builder, "]");
}

size_t credential_list_room(const rp_credential_hint_t *items, size_t count)
{
  size_t room = 2;
  for (size_t i = 0; i < count; i++)
    room += 64 + items[i].credential_id.len * 4 / 3 + items[i].transports.len * 4;
  return room;
}

error_code_t credential_list_of_user(database_t *database, arena_t *arena, rp_user_id_t user,
                                     rp_credential_hints_t *ret_hints)
{
  rp_credential_t *items;
  size_t count;
  error_code_t error = rp_credential_list(database, arena, user, &items, &count);
  if (error != ERR_NONE)
    return error;
  for (size_t i = 0; i < count; i++)
    ret_hints->items[i] = (rp_credential_hint_t){items[i].credential_id, items[i].transports};
  ret_hints->count = count;
  return ERR_NONE;
}
