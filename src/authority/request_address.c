#include "authority/request_address.h"

#include <string.h>

#define ADDRESS_MAX 8192 /* a path of REQUEST_PATH_LENGTH, and its origin */

static uint8_t lower(uint8_t c)
{
  return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool is_unreserved(uint8_t c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

static int hex_value(uint8_t c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes "scheme://" off the front, and whether it is https. */
static bool take_scheme(bytes_t *address, bool *ret_secure)
{
  static const bytes_t schemes[] = {BYTES_LITERAL("http://"), BYTES_LITERAL("https://")};
  for (size_t i = 0; i < 2; i++) {
    size_t len = schemes[i].len;
    if (address->len <= len)
      continue;
    size_t same = 0;
    while (same < len && lower(address->data[same]) == schemes[i].data[same])
      same++;
    if (same < len)
      continue;
    *ret_secure = i == 1;
    *address = bytes_of(address->data + len, address->len - len);
    return true;
  }
  return false;
}

static size_t length_until(bytes_t text, bytes_t ends)
{
  size_t len = 0;
  while (len < text.len && memchr(ends.data, text.data[len], ends.len) == NULL)
    len++;
  return len;
}

/* Lower case, without the scheme's own port; no user information. */
static bool add_host(builder_t *out, bytes_t host, bool secure)
{
  const char *port = secure ? ":443" : ":80";
  size_t port_len = strlen(port);
  if (host.len > port_len && memcmp(host.data + host.len - port_len, port, port_len) == 0)
    host.len -= port_len;
  else if (host.len > 1 && host.data[host.len - 1] == ':')
    host.len--;
  for (size_t i = 0; i < host.len; i++) {
    if (host.data[i] == '@' || host.data[i] <= ' ' || host.data[i] >= 0x7f)
      return false;
    builder_add_u8(out, lower(host.data[i]));
  }
  return host.len > 0;
}

/* Escapes in one form; those of unreserved characters undone. */
static bool add_path(builder_t *out, bytes_t path)
{
  static const char digits[] = "0123456789ABCDEF";
  if (path.len == 0)
    builder_add_u8(out, '/');
  for (size_t i = 0; i < path.len; i++) {
    uint8_t c = path.data[i];
    if (c <= ' ' || c >= 0x7f)
      return false;
    if (c != '%') {
      builder_add_u8(out, c);
      continue;
    }
    int high = i + 2 < path.len ? hex_value(path.data[i + 1]) : -1;
    int low = i + 2 < path.len ? hex_value(path.data[i + 2]) : -1;
    if (high < 0 || low < 0)
      return false;
    uint8_t value = (uint8_t)(high * 16 + low);
    if (is_unreserved(value)) {
      builder_add_u8(out, value);
    } else {
      builder_add_u8(out, '%');
      builder_add_u8(out, (uint8_t)digits[high]);
      builder_add_u8(out, (uint8_t)digits[low]);
    }
    i += 2;
  }
  return true;
}

static bool normalise(builder_t *out, bytes_t address)
{
  bool secure;
  if (address.len > ADDRESS_MAX || !take_scheme(&address, &secure))
    return false;
  builder_add_string(out, secure ? "https://" : "http://");
  size_t host_len = length_until(address, BYTES_LITERAL("/?#"));
  bytes_t host = bytes_of(address.data, host_len);
  bytes_t rest = bytes_of(address.data + host_len, address.len - host_len);
  bytes_t path = bytes_of(rest.data, length_until(rest, BYTES_LITERAL("?#")));
  return add_host(out, host, secure) && add_path(out, path);
}

error_code_t request_address_equal(arena_t *arena, bytes_t a, bytes_t b, bool *ret_equal)
{
  *ret_equal = false;
  if (a.len > ADDRESS_MAX || b.len > ADDRESS_MAX)
    return ERR_NONE;
  builder_t first = arena_builder(arena, a.len + 16), second = arena_builder(arena, b.len + 16);
  bool both = normalise(&first, a) && normalise(&second, b);
  if (first.failed || second.failed)
    return ERR_NO_MEMORY;
  *ret_equal = both && bytes_equal(builder_bytes(&first), builder_bytes(&second));
  return ERR_NONE;
}
