/* The domain's own page (`origin:`), where people touch passkeys for this domain and see for what, whoever
 * holds the login server.
 *
 * Nothing is kept for it. Three texts, which only this domain makes and opens, go around with the browser:
 * what is asked (to the page), the touch (from the page, over the login server, into authz_finish), and the
 * way on (from the answer, back to the page's host). The last one is open only to the browser that was
 * touched, by a cookie of the page's host: a touch that somebody was led to for another's request gives that
 * other nothing. */
#ifndef SEKISHO_AUTHORITY_OWN_PAGE_H
#define SEKISHO_AUTHORITY_OWN_PAGE_H

#include "authority/domain.h"
#include "crypto/hash.h"
#include "handoff/handoff.h"
#include "store/authority_bindings.h"

#define OWN_PAGE_PATH "/.sekisho/touch"
#define OWN_PAGE_BROWSER_BYTES 32
#define OWN_PAGE_TOUCH_MAX 4096 /* of one assertion's parts together */

/* A key that wants in beside those that are bound: it has answered the request, and waits for one of them. */
typedef struct own_page_newcomer {
  binding_t binding;
  uint8_t browser[32]; /* hash of the cookie of the browser that it was touched in */
} own_page_newcomer_t;

/* A touch on the page; texts are views or in the arena. */
typedef struct own_page_touch {
  bool given;
  uint8_t request[16];
  int64_t time_ms;
  uint8_t browser[32];
  handoff_evidence_t piece; /* the assertion's bytes; the rest is the login server's to say */
  bool has_newcomer;
  own_page_newcomer_t newcomer;
} own_page_touch_t;

/* asked: what the page shows, and members of the touch: request, challenge_en, challenge_ja. Texts in the
 * arena, base64url. newcomer: NULL, or whom a bound key is asked to let in. */
MUST_USE error_code_t own_page_ask_seal(arena_t *arena, const domain_t *domain, json_t *asked,
                                        const own_page_newcomer_t *newcomer, int64_t expires_ms,
                                        bytes_t *ret_text);
/* ERR_OWN_PAGE unless this domain made it and it is not over. The caller owns *ret_asked. */
MUST_USE error_code_t own_page_ask_open(arena_t *arena, const domain_t *domain, bytes_t text, int64_t now_ms,
                                        json_t **ret_asked, bool *ret_has_newcomer,
                                        own_page_newcomer_t *ret_newcomer);
MUST_USE error_code_t own_page_touch_seal(arena_t *arena, const domain_t *domain,
                                          const own_page_touch_t *touch, int64_t expires_ms,
                                          bytes_t *ret_text);
MUST_USE error_code_t own_page_touch_open(arena_t *arena, const domain_t *domain, bytes_t text,
                                          int64_t now_ms, own_page_touch_t *ret_touch);
/* location: where the browser with that cookie may go; *ret_address is on the page's host. */
MUST_USE error_code_t own_page_way_seal(arena_t *arena, const domain_t *domain, const uint8_t browser[32],
                                        bytes_t location, int64_t expires_ms, bytes_t *ret_address);
/* ERR_OWN_PAGE in another browser. */
MUST_USE error_code_t own_page_way_open(arena_t *arena, const domain_t *domain, bytes_t text,
                                        const uint8_t browser[32], int64_t now_ms, bytes_t *ret_location);

/* Which browser was touched: "__Host-sekisho-coin-touch", without the prefix on plain http. In the arena;
 * NULL: no memory. */
const char *own_page_cookie(arena_t *arena, const domain_settings_t *settings);
unsigned own_page_cookie_flags(const domain_settings_t *settings);

/* Whether touches count on that page alone. */
static inline bool own_page_is_used(const domain_settings_t *settings, const requirement_t *requirement)
{
  return settings->config->origin != NULL && requirement->kind == EVIDENCE_VERIFIED;
}

#endif
