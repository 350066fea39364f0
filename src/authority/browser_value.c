#include "authority/browser_value.h"

#include "base/encoding.h"
#include "base/secret.h"

#define VALUE_BYTES 32

bytes_t browser_value_find(http_request_t *http, const char *cookie)
{
  bytes_t value;
  uint8_t bytes[VALUE_BYTES];
  bool ours = http_request_cookie(http, cookie, &value) == 1 &&
              base64url_decode_exact(value, bytes, sizeof bytes) == ERR_NONE;
  return ours ? value : BYTES_NONE;
}

bytes_t browser_value_find_or_make(http_request_t *http, const char *cookie)
{
  bytes_t value = browser_value_find(http, cookie);
  uint8_t bytes[VALUE_BYTES];
  if (value.len > 0)
    return value;
  random_fill(bytes, sizeof bytes);
  const char *text = base64url_encode(http_request_arena(http), bytes_of(bytes, sizeof bytes));
  return text != NULL ? bytes_of_string(text) : BYTES_NONE;
}
