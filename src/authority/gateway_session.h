/* A browser's session behind the gateway: one cookie on the product's host, and no code in the product.
 *
 * The cookie is a sealed handle to a grant in the domain's store, the access token of the domain's own client
 * (GATEWAY_SESSION_CLIENT) inside. Nobody but this domain opens it, and outside the seal that token is good
 * for nothing. So /check judges a session as it judges a token, and neither reads nor writes the store. */
#ifndef SEKISHO_AUTHORITY_GATEWAY_SESSION_H
#define SEKISHO_AUTHORITY_GATEWAY_SESSION_H

#include "authority/domain.h"
#include "http/http.h"

/* What a browser says of a call, beside the call itself. Read only where the domain has such sessions. */
typedef struct browser_call {
  bytes_t cookie; /* of the session */
  size_t cookie_count;
  bytes_t origin; /* of the Origin header */
  size_t origin_count;
  bytes_t site; /* of Sec-Fetch-Site */
  size_t site_count;
  bool navigates; /* a person looks at the answer: it may lead to the login page */
  bytes_t referer;
} browser_call_t;
void browser_call_read(http_request_t *http, const domain_settings_t *settings, browser_call_t *ret_call);

/* Whether a page of the product's own host made the call. Browsers say so by Sec-Fetch-Site, older ones and
 * those on plain http by Origin. Safe methods need neither, but must not contradict: a page of another origin
 * that reads, and a WebSocket, send an Origin. */
bool browser_call_is_own(const domain_settings_t *settings, const browser_call_t *call, bytes_t method);

/* "__Host-sekisho-pay", without the prefix where external_url is plain http; purpose "", the way in, or the
 * domain's own page (own_page.h), should that be on the same host.
 * In the arena; NULL: no memory. */
#define GATEWAY_COOKIE_ENTER "-enter"
#define GATEWAY_COOKIE_TOUCH "-touch"
const char *gateway_cookie_name(arena_t *arena, const domain_settings_t *settings, const char *purpose);
unsigned gateway_cookie_flags(const domain_settings_t *settings);

MUST_USE error_code_t gateway_session_seal(arena_t *arena, const domain_t *domain, bytes_t token,
                                           bytes_t *ret_cookie);
/* ERR_TOKEN for anything else than what this domain has sealed. */
MUST_USE error_code_t gateway_session_open(arena_t *arena, const domain_t *domain, bytes_t cookie,
                                           bytes_t *ret_token);

/* The request's Cookie without the session's: what the product may see. NULL: no memory. */
const char *gateway_cookies_of_others(http_request_t *http, const domain_settings_t *settings);

/* A path of the product with its query, where a browser may be sent: origin-form, unambiguous, not ours. */
bool gateway_target_is_valid(arena_t *arena, bytes_t target);
/* Where the gateway sends a browser whose call was refused: to sign in, and back. wanted: what the challenge
 * asks; NULL when it asks nothing. A request that is no GET is not sent again: the browser comes back to the
 * page that it was on. NULL: no memory. */
typedef struct gateway_wanted {
  const char *acr;
  int64_t max_age_ms;
} gateway_wanted_t;
const char *gateway_enter_address(arena_t *arena, const domain_settings_t *settings, bytes_t method,
                                  bytes_t target, bytes_t referer, const gateway_wanted_t *wanted);

#endif
