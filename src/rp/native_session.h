/* The auth_session of a native sign-in (OAuth 2.0 for First-Party Applications §5.3): what a browser would
 * keep in cookies, sealed into one text that the application sends back. Good for its domain, client and key.
 */
#ifndef SEKISHO_RP_NATIVE_SESSION_H
#define SEKISHO_RP_NATIVE_SESSION_H

#include "rp/rp.h"

#define NATIVE_COOKIES_MAX 8

typedef struct native_cookie {
  bytes_t name, value;
} native_cookie_t;

typedef struct native_session {
  domain_id_t domain;
  bytes_t client;     /* its id */
  bytes_t thumbprint; /* of the key that goes on with it; empty: whoever has it */
  int64_t expires_ms;
  native_cookie_t cookies[NATIVE_COOKIES_MAX];
  size_t cookie_count;
} native_session_t;

/* Sets, replaces or (empty value) takes away; false when there is no more room. */
bool native_session_keep(native_session_t *session, bytes_t name, bytes_t value);
/* As a Cookie field. */
bytes_t native_session_cookies(arena_t *arena, const native_session_t *session);

MUST_USE error_code_t native_session_seal(arena_t *arena, const rp_keys_t *keys,
                                          const native_session_t *session, bytes_t *ret_text);
/* ERR_NATIVE_SESSION unless these keys sealed it and it is not over at now_ms. Whose it is, is for the caller
 * to compare. */
MUST_USE error_code_t native_session_open(arena_t *arena, const rp_keys_t *keys, bytes_t text, int64_t now_ms,
                                          native_session_t *ret_session);

#endif
