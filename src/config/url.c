#include "config/url.h"

#include <string.h>

#define URL_MAX 2000

static bool is_alpha(uint8_t c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
  return c >= '0' && c <= '9';
}

static bool all_in(bytes_t text, const char *others)
{
  for (size_t i = 0; i < text.len; i++)
    if (!is_alpha(text.data[i]) && !is_digit(text.data[i]) &&
        (text.data[i] == 0 || strchr(others, text.data[i]) == NULL))
      return false;
  return true;
}

/* RFC 3986: pchar and the delimiters, without brackets, quotes, backslash, space or control characters. */
static bool is_uri_text(bytes_t text)
{
  return text.len > 0 && text.len <= URL_MAX && all_in(text, "-._~:/?#[]@!$&'()*+,;=%");
}

static bytes_t slice(bytes_t text, size_t from, size_t to)
{
  return bytes_of(text.data + from, to - from);
}

static size_t find(bytes_t text, size_t from, uint8_t wanted)
{
  while (from < text.len && text.data[from] != wanted)
    from++;
  return from;
}

static bool starts_with(bytes_t text, const char *prefix)
{
  size_t len = strlen(prefix);
  return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

static bool is_port(bytes_t text)
{
  uint32_t port = 0;
  if (text.len == 0 || text.len > 5 || text.data[0] == '0')
    return false;
  for (size_t i = 0; i < text.len; i++) {
    if (!is_digit(text.data[i]))
      return false;
    port = port * 10 + (uint32_t)(text.data[i] - '0');
  }
  return port <= 65535;
}

/* RFC 3986 §3.1, in lower case. */
static bool is_scheme(bytes_t text)
{
  if (text.len == 0 || text.data[0] < 'a' || text.data[0] > 'z')
    return false;
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] >= 'A' && text.data[i] <= 'Z')
      return false;
  return all_in(text, "+-.");
}

static bool is_label(bytes_t label)
{
  if (label.len == 0 || label.len > 63 || label.data[0] == '-' || label.data[label.len - 1] == '-')
    return false;
  for (size_t i = 0; i < label.len; i++)
    if (!(label.data[i] >= 'a' && label.data[i] <= 'z') && !is_digit(label.data[i]) && label.data[i] != '-')
      return false;
  return true;
}

/* Counts labels; 0 when one is not a label of letters, digits and hyphens in lower case. */
static size_t count_labels(bytes_t name)
{
  size_t count = 0;
  if (name.len > 253)
    return 0;
  for (size_t at = 0; at <= name.len; count++) {
    size_t end = find(name, at, '.');
    if (!is_label(slice(name, at, end)))
      return 0;
    at = end + 1;
  }
  return count;
}

static bool is_bracketed(bytes_t host)
{
  if (host.len < 4 || host.data[0] != '[' || host.data[host.len - 1] != ']')
    return false;
  for (size_t i = 1; i + 1 < host.len; i++)
    if (strchr("0123456789abcdef:.", host.data[i]) == NULL)
      return false;
  return true;
}

static bool is_host(bytes_t host)
{
  return is_bracketed(host) || count_labels(host) > 0;
}

/* The end of the host in host[:port]. */
static size_t host_end(bytes_t authority)
{
  if (authority.len > 0 && authority.data[0] == '[') {
    size_t bracket = find(authority, 0, ']');
    return bracket < authority.len ? bracket + 1 : bracket;
  }
  return find(authority, 0, ':');
}

static bool split_authority(bytes_t authority, bytes_t *ret_host, bytes_t *ret_port)
{
  size_t end = host_end(authority);
  *ret_host = slice(authority, 0, end);
  *ret_port = BYTES_NONE;
  if (!is_host(*ret_host))
    return false;
  if (end == authority.len)
    return true;
  *ret_port = slice(authority, end + 1, authority.len);
  return authority.data[end] == ':' && is_port(*ret_port);
}

error_code_t url_parse(bytes_t text, url_t *ret_url)
{
  url_t url = {0};
  size_t colon = find(text, 0, ':');
  if (!is_uri_text(text) || !is_scheme(slice(text, 0, colon)) ||
      !starts_with(slice(text, colon, text.len), "://"))
    return ERR_MALFORMED;
  url.scheme = slice(text, 0, colon);
  size_t fragment = find(text, 0, '#');
  size_t query = find(slice(text, 0, fragment), 0, '?');
  size_t authority = colon + 3;
  if (query < authority)
    return ERR_MALFORMED;
  size_t path = find(slice(text, 0, query), authority, '/');
  if (!split_authority(slice(text, authority, path), &url.host, &url.port))
    return ERR_MALFORMED;
  url.path = slice(text, path, query);
  url.has_query = query < fragment;
  url.query = url.has_query ? slice(text, query + 1, fragment) : BYTES_NONE;
  url.has_fragment = fragment < text.len;
  url.fragment = url.has_fragment ? slice(text, fragment + 1, text.len) : BYTES_NONE;
  *ret_url = url;
  return ERR_NONE;
}

bool url_is_loopback(const url_t *url)
{
  return url_host_is_below(url->host, BYTES_LITERAL("localhost")) ||
         bytes_equal_string(url->host, "127.0.0.1") || bytes_equal_string(url->host, "[::1]");
}

bool url_is_secure(const url_t *url)
{
  if (url->has_query || url->has_fragment)
    return false;
  return bytes_equal_string(url->scheme, "https") ||
         (bytes_equal_string(url->scheme, "http") && url_is_loopback(url));
}

/* Segments of unreserved characters; none empty, none "." or "..". */
static bool is_plain_path(bytes_t path)
{
  if (!all_in(path, "-._~/"))
    return false;
  for (size_t at = 0; at < path.len;) {
    size_t end = find(path, at + 1, '/');
    bytes_t segment = slice(path, at + 1, end);
    if (segment.len == 0 || bytes_equal_string(segment, ".") || bytes_equal_string(segment, ".."))
      return false;
    at = end;
  }
  return true;
}

bool url_check_base(bytes_t text)
{
  url_t url;
  return url_parse(text, &url) == ERR_NONE && url_is_secure(&url) && is_plain_path(url.path);
}

bool url_check_https(bytes_t text)
{
  url_t url;
  return url_parse(text, &url) == ERR_NONE && bytes_equal_string(url.scheme, "https") && !url.has_fragment;
}

bool url_check_fetch(bytes_t text)
{
  url_t url;
  return url_parse(text, &url) == ERR_NONE && !url.has_fragment &&
         (bytes_equal_string(url.scheme, "https") ||
          (bytes_equal_string(url.scheme, "http") && url_is_loopback(&url)));
}

bool url_check_redirect(bytes_t text)
{
  url_t url;
  size_t colon = find(text, 0, ':');
  bytes_t scheme = slice(text, 0, colon);
  if (!is_uri_text(text) || find(text, 0, '#') < text.len || find(text, 0, '*') < text.len)
    return false;
  if (bytes_equal_string(scheme, "https") || bytes_equal_string(scheme, "http"))
    return url_parse(text, &url) == ERR_NONE &&
           (bytes_equal_string(scheme, "https") || url_is_loopback(&url));
  bytes_t rest = slice(text, colon, text.len);
  return is_scheme(scheme) && find(scheme, 0, '.') < scheme.len && starts_with(rest, ":/");
}

static bool is_android_origin(bytes_t text)
{
  static const char prefix[] = "android:apk-key-hash:";
  return starts_with(text, prefix) && text.len == sizeof prefix - 1 + 43 && /* SHA-256 in base64url */
         all_in(slice(text, sizeof prefix - 1, text.len), "-_");
}

bool url_check_origin(bytes_t text)
{
  url_t url;
  if (is_android_origin(text))
    return true;
  if (url_parse(text, &url) != ERR_NONE || url.path.len > 0 || url.has_query || url.has_fragment)
    return false;
  bool usual_port = bytes_equal_string(url.port, bytes_equal_string(url.scheme, "https") ? "443" : "80");
  if (usual_port || count_labels(url.host) == 0)
    return false; /* browsers leave the usual port out, and an address has no RP ID */
  return bytes_equal_string(url.scheme, "https") ||
         (bytes_equal_string(url.scheme, "http") && url_host_is_below(url.host, BYTES_LITERAL("localhost")));
}

bool url_check_listen(bytes_t text)
{
  bytes_t host, port;
  return text.len <= 300 && split_authority(text, &host, &port) && port.len > 0;
}

bool url_check_rp_id(bytes_t text)
{
  size_t labels = count_labels(text);
  if (labels == 0)
    return false;
  if (labels == 1)
    return bytes_equal_string(text, "localhost");
  return !is_digit(text.data[text.len - 1]); /* 127.0.0.1 is no name */
}

bool url_host_is_below(bytes_t host, bytes_t id)
{
  if (host.len < id.len || !bytes_equal(slice(host, host.len - id.len, host.len), id))
    return false;
  return host.len == id.len || host.data[host.len - id.len - 1] == '.';
}
