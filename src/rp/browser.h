/* The browser, as a random value in a cookie: what was begun in one cannot be finished in another. */
#ifndef SEKISHO_RP_BROWSER_H
#define SEKISHO_RP_BROWSER_H

#include "rp/rp.h"

typedef struct browser {
  uint8_t hash[32];
} browser_t;

/* ERR_CONTINUE when the cookie is missing or not ours in form. */
MUST_USE error_code_t browser_find(const exchange_t *exchange, browser_t *ret_browser);
/* Sets the cookie when it is missing. */
MUST_USE error_code_t browser_find_or_mark(const exchange_t *exchange, browser_t *ret_browser);

#endif
