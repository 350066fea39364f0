#include "base/database_address.h"

#include <string.h>

#define PLACE "{domain}"

static const char *after_scheme(const char *address)
{
  static const char *const schemes[] = {"postgresql://", "postgres://"};
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
    if (strncmp(address, schemes[i], strlen(schemes[i])) == 0)
      return address + strlen(schemes[i]);
  return NULL;
}

bool database_address_is_url(const char *address)
{
  return after_scheme(address) != NULL;
}

static bool has_prefix(bytes_t text, const char *prefix)
{
  size_t len = strlen(prefix);
  return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

static bool contains(bytes_t text, const char *part)
{
  return memmem(text.data, text.len, part, strlen(part)) != NULL;
}

/* user:password@host. The user ends where the first slash or question mark is at the latest. */
static bool has_password(bytes_t rest)
{
  size_t end = 0;
  while (end < rest.len && rest.data[end] != '/' && rest.data[end] != '?')
    end++;
  const uint8_t *at = memchr(rest.data, '@', end);
  return at != NULL && memchr(rest.data, ':', (size_t)(at - rest.data)) != NULL;
}

static bool has_control(bytes_t text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] <= 0x20 || text.data[i] >= 0x7f)
      return true;
  return false;
}

/* libpq reads %70assword as password, too: a parameter's name needs no escapes. */
static bool names_are_plain(bytes_t parameters)
{
  bool in_name = true;
  for (size_t i = 0; i < parameters.len; i++) {
    if (parameters.data[i] == '=')
      in_name = false;
    else if (parameters.data[i] == '&')
      in_name = true;
    else if (in_name && parameters.data[i] == '%')
      return false;
  }
  return true;
}

static const char *url_problem(bytes_t rest)
{
  const uint8_t *question = memchr(rest.data, '?', rest.len);
  size_t before = question != NULL ? (size_t)(question - rest.data) : rest.len;
  bytes_t parameters = bytes_of(rest.data + before, rest.len - before);
  if (has_control(rest) || memchr(rest.data, '#', rest.len) != NULL)
    return "an address without spaces and without #: write others as %20";
  if (has_password(rest) || contains(parameters, "?password=") || contains(parameters, "&password=") ||
      contains(parameters, "sslpassword=") || !names_are_plain(parameters))
    return "an address without a password: put that into a file that passfile= names";
  if (contains(parameters, "?options=") || contains(parameters, "&options=") ||
      contains(parameters, "?client_encoding=") || contains(parameters, "&client_encoding="))
    return "an address without options and client_encoding: leave those to sekisho";
  return NULL;
}

const char *database_address_problem(bytes_t address)
{
  static const char words[] = "a path, or an address such as postgresql://host/name";
  if (has_prefix(address, "postgresql://"))
    return url_problem(bytes_of(address.data + 13, address.len - 13));
  if (has_prefix(address, "postgres://"))
    return url_problem(bytes_of(address.data + 11, address.len - 11));
  if (address.len == 0 || has_prefix(address, "file:") || has_prefix(address, "postgres:") ||
      has_prefix(address, "postgresql:"))
    return words;
  return NULL;
}

static bool is_below(const char *path, size_t len, const char *folder)
{
  size_t folder_len = strlen(folder);
  return len > folder_len && memcmp(path, folder, folder_len) == 0 && path[folder_len] == '/' &&
         memmem(path, len, "..", 2) == NULL && memchr(path, '%', len) == NULL;
}

bool database_address_files_are_below(const char *address, const char *folder)
{
  static const char *const names[] = {"passfile=", "sslrootcert=", "sslcert=", "sslkey=", "sslcrl="};
  const char *at = strchr(address, '?');
  while (at != NULL) {
    at++;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
      if (strncmp(at, names[i], strlen(names[i])) != 0)
        continue;
      const char *path = at + strlen(names[i]);
      size_t len = strcspn(path, "&");
      bool system = len == 6 && memcmp(path, "system", 6) == 0; /* sslrootcert, since libpq 16 */
      if (!system && !is_below(path, len, "/etc") && !is_below(path, len, folder))
        return false;
    }
    at = strchr(at, '&');
  }
  return true;
}

char *database_address_of_rp(arena_t *arena, const char *address)
{
  return arena_format(arena, "%s#sekisho_rp", address);
}

char *database_address_of_domain(arena_t *arena, const char *address, const char *domain)
{
  char *text = arena_string(arena, bytes_of_string(address));
  for (char *place; text != NULL && (place = strstr(text, PLACE)) != NULL;)
    text = arena_format(arena, "%.*s%s%s", (int)(place - text), text, domain, place + strlen(PLACE));
  return text != NULL ? arena_format(arena, "%s#sekisho_domain_%s", text, domain) : NULL;
}

const char *database_address_schema(const char *address)
{
  const char *mark = strrchr(address, '#');
  return mark != NULL ? mark + 1 : "";
}
