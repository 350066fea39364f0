#include "authority/origin.h"

#include <string.h>

static size_t scheme_length(const char *address)
{
  if (strncmp(address, "https://", 8) == 0)
    return 8;
  return strncmp(address, "http://", 7) == 0 ? 7 : 0;
}

static void lower(char *text)
{
  for (; *text != '\0'; text++)
    if (*text >= 'A' && *text <= 'Z')
      *text = (char)(*text - 'A' + 'a');
}

bool web_origin_parse(arena_t *arena, const char *address, web_origin_t *ret_origin)
{
  size_t scheme = scheme_length(address);
  size_t host = strcspn(address + scheme, "/?#");
  if (scheme == 0 || host == 0)
    return false;
  const char *rest = address + scheme + host;
  size_t path = strcspn(rest, "?#");
  while (path > 0 && rest[path - 1] == '/')
    path--;
  char *origin = arena_string(arena, bytes_of(address, scheme + host));
  char *path_text = arena_string(arena, bytes_of(rest, path));
  if (origin == NULL || path_text == NULL)
    return false;
  lower(origin);
  *ret_origin = (web_origin_t){.text = origin, .host = origin + scheme, .path = path_text};
  return true;
}

void origin_allow(http_request_t *http, const text_list_t *origins)
{
  bytes_t origin;
  http_reply_header(http, "Vary", "Origin");
  if (http_request_header(http, "Origin", &origin) != 1 || !text_list_contains(origins, origin))
    return;
  const char *value = arena_string(http_request_arena(http), origin);
  if (value != NULL)
    http_reply_header(http, "Access-Control-Allow-Origin", value);
}

bool text_list_contains(const text_list_t *list, bytes_t text)
{
  for (size_t i = 0; i < list->count; i++)
    if (bytes_equal_string(text, list->items[i]))
      return true;
  return false;
}
