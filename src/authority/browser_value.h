/* A random value in a cookie, by which one browser is told from another. */
#ifndef SEKISHO_AUTHORITY_BROWSER_VALUE_H
#define SEKISHO_AUTHORITY_BROWSER_VALUE_H

#include "http/http.h"

/* The value that the browser has, so that its tabs do not disturb each other; else a new one, to be set by
 * the caller. In the arena; empty: no memory. */
bytes_t browser_value_find_or_make(http_request_t *http, const char *cookie);
/* Empty: it has none of ours. */
bytes_t browser_value_find(http_request_t *http, const char *cookie);

#endif
