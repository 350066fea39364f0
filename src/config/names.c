#include "config/names.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "policy/evidence.h"

static bool is_alnum(uint8_t c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool all_alnum_or(bytes_t text, const char *others)
{
  for (size_t i = 0; i < text.len; i++)
    if (!is_alnum(text.data[i]) && (text.data[i] == 0 || strchr(others, text.data[i]) == NULL))
      return false;
  return text.len > 0;
}

bool name_check_id(bytes_t text)
{
  domain_id_t domain;
  return domain_id_parse(text, &domain) == ERR_NONE;
}

bool name_check_scope(bytes_t text)
{
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] <= 0x20 || text.data[i] >= 0x7f || text.data[i] == '"' || text.data[i] == '\\')
      return false;
  return text.len > 0;
}

bool name_check_level(bytes_t text)
{
  return name_check_scope(text);
}

bool name_check_client(bytes_t text)
{
  return text.len <= 64 && all_alnum_or(text, "._~-");
}

bool name_check_aaguid(bytes_t text)
{
  aaguid_t aaguid;
  return aaguid_parse(text, &aaguid) == ERR_NONE;
}

bool name_check_package(bytes_t text)
{
  size_t segments = 0;
  for (size_t at = 0; at <= text.len; at++) {
    size_t start = at;
    while (at < text.len && text.data[at] != '.')
      at++;
    bytes_t segment = bytes_of(text.data + start, at - start);
    bool starts_with_letter = segment.len > 0 && is_alnum(segment.data[0]) && segment.data[0] > '9';
    if (!starts_with_letter || !all_alnum_or(segment, "_"))
      return false;
    segments++;
  }
  return segments >= 2;
}

static bool is_capital_hex(uint8_t c)
{
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

bool name_check_fingerprint(bytes_t text)
{
  if (text.len != 32 * 3 - 1)
    return false;
  for (size_t i = 0; i < text.len; i++)
    if (i % 3 == 2 ? text.data[i] != ':' : !is_capital_hex(text.data[i]))
      return false;
  return true;
}

bool name_check_apple_app(bytes_t text)
{
  const size_t team = 10;
  if (text.len < team + 2 || text.data[team] != '.')
    return false;
  for (size_t i = 0; i < team; i++)
    if (!is_alnum(text.data[i]) || text.data[i] >= 'a')
      return false;
  return all_alnum_or(bytes_of(text.data + team + 1, text.len - team - 1), ".-");
}

static bool is_method(bytes_t text)
{
  if (bytes_equal_string(text, "*"))
    return true;
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] < 'A' || text.data[i] > 'Z')
      return false;
  return text.len > 0 && text.len <= 16;
}

/* {name}, **, or what a normalised path may hold without escapes. */
static bool is_segment(bytes_t segment, bool last)
{
  if (segment.len == 0 || bytes_equal_string(segment, ".") || bytes_equal_string(segment, ".."))
    return false;
  if (last && bytes_equal_string(segment, "**"))
    return true;
  if (segment.data[0] == '{')
    return segment.len > 2 && segment.data[segment.len - 1] == '}' &&
           all_alnum_or(bytes_of(segment.data + 1, segment.len - 2), "_");
  for (size_t i = 0; i < segment.len; i++)
    if (segment.data[i] < 0x80 && !is_alnum(segment.data[i]) &&
        strchr("-._~!$&'()+,=:@", segment.data[i]) == NULL)
      return false;
  return true; /* beyond ASCII as itself: paths are compared decoded */
}

static bool is_pattern(bytes_t path)
{
  if (path.len == 0 || path.data[0] != '/')
    return false;
  for (size_t at = 1; at < path.len;) {
    size_t end = at;
    while (end < path.len && path.data[end] != '/')
      end++;
    if (!is_segment(bytes_of(path.data + at, end - at), end == path.len))
      return false;
    at = end + 1;
  }
  return true;
}

bool name_check_match(bytes_t text)
{
  const uint8_t *space = text.len > 0 ? memchr(text.data, ' ', text.len) : NULL;
  if (space == NULL)
    return false;
  size_t method = (size_t)(space - text.data);
  return is_method(bytes_of(text.data, method)) && is_pattern(bytes_of(space + 1, text.len - method - 1));
}

bool name_check_header(bytes_t text)
{
  static const char *const taken[] = {"accept",
                                      "authorization",
                                      "connection",
                                      "content-length",
                                      "content-type",
                                      "cookie",
                                      "dpop",
                                      "expect",
                                      "forwarded",
                                      "host",
                                      "keep-alive",
                                      "origin",
                                      "referer",
                                      "sec-fetch-site",
                                      "te",
                                      "trailer",
                                      "transfer-encoding",
                                      "upgrade",
                                      "via",
                                      "x-forwarded-for",
                                      "x-forwarded-uri",
                                      "x-forwarded-method",
                                      "x-original-method",
                                      "x-original-uri",
                                      "x-request-id"};
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    if (text.len == strlen(taken[i]) && strncasecmp((const char *)text.data, taken[i], text.len) == 0)
      return false;
  return text.len > 0 && all_alnum_or(text, "-");
}

bool name_check_address(bytes_t text)
{
  char address[INET6_ADDRSTRLEN], again[INET6_ADDRSTRLEN];
  uint8_t binary[16];
  if (text.len == 0 || text.len >= sizeof address)
    return false;
  memcpy(address, text.data, text.len);
  address[text.len] = '\0';
  int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
  return inet_pton(family, address, binary) == 1 && inet_ntop(family, binary, again, sizeof again) != NULL &&
         strcmp(address, again) == 0;
}
