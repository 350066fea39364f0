#include <string.h>

#include "authority/authorization_request.h"

/* RFC 8252 §8.3: IP literals only, as "localhost" may lead elsewhere. */
static const char *const loopback_prefixes[] = {"http://127.0.0.1", "http://[::1]"};

static bool skip_prefix(bytes_t *text, const char *prefix)
{
  size_t len = strlen(prefix);
  if (text->len < len || memcmp(text->data, prefix, len) != 0)
    return false;
  *text = bytes_of(text->data + len, text->len - len);
  return true;
}

/* Skips ":" and 1 to 5 digits, when they are there; false for anything else behind the host. */
static bool skip_port(bytes_t *text)
{
  size_t digits = 0;
  if (text->len == 0 || text->data[0] != ':')
    return true;
  while (1 + digits < text->len && text->data[1 + digits] >= '0' && text->data[1 + digits] <= '9')
    digits++;
  *text = bytes_of(text->data + 1 + digits, text->len - 1 - digits);
  return digits >= 1 && digits <= 5;
}

static bool matches_any_port(const char *registered, bytes_t sent)
{
  for (size_t i = 0; i < sizeof loopback_prefixes / sizeof *loopback_prefixes; i++) {
    bytes_t known = bytes_of_string(registered), asked = sent;
    if (!skip_prefix(&known, loopback_prefixes[i]) || known.len == 0 || known.data[0] != '/')
      continue; /* not loopback, or registered with its port: then that one counts */
    if (skip_prefix(&asked, loopback_prefixes[i]) && skip_port(&asked) && bytes_equal(known, asked))
      return true;
  }
  return false;
}

bool redirect_uri_is_registered(const config_client_t *client, bytes_t redirect_uri)
{
  for (size_t i = 0; i < client->redirect_uris.count; i++) {
    const char *registered = client->redirect_uris.items[i];
    if (bytes_equal_string(redirect_uri, registered) || matches_any_port(registered, redirect_uri))
      return true;
  }
  return false;
}
