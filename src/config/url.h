/* The forms of addresses and names that a configuration may hold. Each check is whole and strict; none
 * resolves anything. */
#ifndef SEKISHO_CONFIG_URL_H
#define SEKISHO_CONFIG_URL_H

#include <stdbool.h>

#include "base/bytes.h"

/* scheme://host[:port][path][?query][#fragment], host in lower case; IPv6 keeps its brackets. */
typedef struct url {
  bytes_t scheme, host, port, path, query, fragment; /* without their delimiters; port as digits */
  bool has_query, has_fragment;
} url_t;

MUST_USE error_code_t url_parse(bytes_t text, url_t *ret_url);
/* localhost and below, 127.0.0.1, [::1]: never leaves the machine, so http is as good as https. */
bool url_is_loopback(const url_t *url);
/* https, or http on a loopback host; no query or fragment. */
bool url_is_secure(const url_t *url);

/* An issuer or base URL: secure, plain path without a slash at its end (RFC 8414 §2). */
bool url_check_base(bytes_t text);
/* https, for documents fetched from elsewhere. */
bool url_check_https(bytes_t text);
/* https, or http on a loopback host; no fragment. */
bool url_check_fetch(bytes_t text);
/* RFC 9700 §2.6, RFC 8252 §7: https; http on a loopback host; a private-use scheme with a dot. No fragment.
 */
bool url_check_redirect(bytes_t text);
/* A web origin (https, or http on localhost), or android:apk-key-hash:… */
bool url_check_origin(bytes_t text);
/* host:port; the host may be an address, [IPv6] or a name. */
bool url_check_listen(bytes_t text);
/* A domain name in lower case: localhost, or at least two labels; never an address (WebAuthn L3 §4, RP ID).
 */
bool url_check_rp_id(bytes_t text);
/* host is id, or ends in "." id. */
bool url_host_is_below(bytes_t host, bytes_t id);

#endif
