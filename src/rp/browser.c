#include "rp/browser.h"

#include "base/encoding.h"
#include "base/secret.h"
#include "crypto/bearer.h"

#define VALUE_LENGTH BEARER_LENGTH
#define COOKIE_LIFETIME_S (400 * 24 * 3600) /* as long as browsers keep one */

error_code_t browser_find(const exchange_t *exchange, browser_t *ret_browser)
{
  bytes_t text;
  uint8_t value[VALUE_LENGTH];
  if (http_request_cookie(exchange->request, exchange->settings->browser_cookie, &text) != 1 ||
      base64url_decode_exact(text, value, sizeof(value)) != ERR_NONE)
    return ERR_CONTINUE;
  return bearer_hash(value, ret_browser->hash);
}

error_code_t browser_find_or_mark(const exchange_t *exchange, browser_t *ret_browser)
{
  if (browser_find(exchange, ret_browser) == ERR_NONE)
    return ERR_NONE;
  uint8_t value[VALUE_LENGTH], text[BASE64URL_LENGTH(VALUE_LENGTH)];
  error_code_t error = bearer_make(value, ret_browser->hash);
  base64url_write(bytes_of(value, sizeof(value)), text);
  http_reply_cookie(exchange->request, exchange->settings->browser_cookie, bytes_of(text, sizeof(text)),
                    COOKIE_LIFETIME_S, exchange->settings->secure ? HTTP_COOKIE_SECURE : 0);
  return error;
}
