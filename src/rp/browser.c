#include "rp/browser.h"

#include <string.h>

#include "base/encoding.h"
#include "base/secret.h"
#include "crypto/hash.h"

#define VALUE_LENGTH 32
#define COOKIE_LIFETIME_S (400 * 24 * 3600) /* as long as browsers keep one */

static error_code_t hash_value(const uint8_t value[VALUE_LENGTH], browser_t *ret_browser)
{
  sha256_t hash;
  error_code_t error = hash_sha256(bytes_of(value, VALUE_LENGTH), &hash);
  if (error == ERR_NONE)
    memcpy(ret_browser->hash, hash.bytes, sizeof(ret_browser->hash));
  return error;
}

error_code_t browser_find(const exchange_t *exchange, browser_t *ret_browser)
{
  bytes_t text;
  uint8_t value[VALUE_LENGTH];
  if (http_request_cookie(exchange->request, exchange->settings->browser_cookie, &text) != 1 ||
      base64url_decode_exact(text, value, sizeof(value)) != ERR_NONE)
    return ERR_CONTINUE;
  return hash_value(value, ret_browser);
}

error_code_t browser_find_or_mark(const exchange_t *exchange, browser_t *ret_browser)
{
  if (browser_find(exchange, ret_browser) == ERR_NONE)
    return ERR_NONE;
  uint8_t value[VALUE_LENGTH], text[BASE64URL_LENGTH(VALUE_LENGTH)];
  random_fill(value, sizeof(value));
  base64url_write(bytes_of(value, sizeof(value)), text);
  http_reply_cookie(exchange->request, exchange->settings->browser_cookie, bytes_of(text, sizeof(text)),
                    COOKIE_LIFETIME_S, exchange->settings->secure ? HTTP_COOKIE_SECURE : 0);
  return hash_value(value, ret_browser);
}
