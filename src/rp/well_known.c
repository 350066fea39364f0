#include "rp/well_known.h"

#include <string.h>

#include "rp/rp.h"

/* Browsers ask for it from pages of the listed origins and follow no redirect; apps have their own files. */
void well_known_webauthn(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const text_list_t *origins = &exchange.config->rp.origins;
  size_t room = 32;
  for (size_t i = 0; i < origins->count; i++)
    room += 8 + 6 * strlen(origins->items[i]);
  builder_t builder = arena_builder(exchange.arena, room);
  builder_add_string(&builder, "{\"origins\":[");
  for (size_t i = 0, listed = 0; i < origins->count; i++) {
    if (strncmp(origins->items[i], "http", 4) != 0)
      continue;
    builder_add_string(&builder, listed++ > 0 ? "," : "");
    builder_add_json_string(&builder, bytes_of_string(origins->items[i]));
  }
  builder_add_string(&builder, "]}");
  rp_reply_built(&exchange, 200, &builder);
}

void well_known_passkey_endpoints(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const char *origin = exchange.settings->public_origin;
  builder_t builder = arena_builder(exchange.arena, 64 + 12 * strlen(origin));
  static const char *const members[] = {"{\"enroll\":", ",\"manage\":"};
  for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
    const char *address = arena_format(exchange.arena, "%s/account", origin);
    builder_add_string(&builder, members[i]);
    builder_add_json_string(&builder, bytes_of_string(address));
  }
  builder_add_string(&builder, "}");
  rp_reply_built(&exchange, 200, &builder);
}
