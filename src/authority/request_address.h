/* Addresses of requests, compared as RFC 9449 §4.3 asks: by syntax and scheme (RFC 3986 §6.2.2, §6.2.3),
 * without query and fragment. */
#ifndef SEKISHO_AUTHORITY_REQUEST_ADDRESS_H
#define SEKISHO_AUTHORITY_REQUEST_ADDRESS_H

#include "base/arena.h"

/* *ret_equal is false also for what is no absolute http or https address; dot segments are none of ours. */
MUST_USE error_code_t request_address_equal(arena_t *arena, bytes_t a, bytes_t b, bool *ret_equal);

#endif
