/* A ceremony from its options to its result: the challenge to the authenticator, the terms sealed in a cookie
 * of its own. Nothing is stored before the result. */
#ifndef SEKISHO_RP_CEREMONY_H
#define SEKISHO_RP_CEREMONY_H

#include "rp/ceremony_terms.h"
#include "rp/challenge.h"
#include "rp/rp.h"

#define CEREMONY_COOKIES_MAX 4 /* overlapping ceremonies of one browser; the oldest gives way */

typedef struct ceremony {
  challenge_t challenge;
  ceremony_terms_t terms;
} ceremony_t;

/* Makes the challenge and sets the cookie. */
MUST_USE error_code_t ceremony_begin(const exchange_t *exchange, const ceremony_terms_t *terms,
                                     challenge_t *ret_challenge);
/* The terms that this browser's cookie holds for a challenge; writes nothing. ERR_CHALLENGE when form,
 * cookie, MAC or expiry is not right. The kind of ceremony is for the caller to check: by then it is spent.
 * Clears the cookie. */
MUST_USE error_code_t ceremony_find(const exchange_t *exchange, bytes_t challenge, ceremony_t *ret_ceremony);

#endif
