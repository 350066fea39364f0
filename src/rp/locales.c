#include "rp/locales.h"

const char *locales_query(arena_t *arena, bytes_t tags)
{
  builder_t builder = arena_builder(arena, sizeof("&ui_locales=") + 3 * tags.len);
  builder_add_string(&builder, "&ui_locales=");
  for (size_t i = 0; i < tags.len; i++) {
    uint8_t c = tags.data[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!plain && c != ' ')
      return "";
    if (plain)
      builder_add_u8(&builder, c);
    else
      builder_add_string(&builder, "%20");
  }
  const char *text = tags.len > 0 && !builder.failed ? arena_string(arena, builder_bytes(&builder)) : "";
  return text != NULL ? text : "";
}
