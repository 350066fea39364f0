/* The certificate of a client's TLS connection, as the proxy that ended it says (RFC 9440, or PEM). The proxy
 * has seen that the client holds its key; whose it is and what it is good for is judged here. */
#ifndef SEKISHO_AUTHORITY_CLIENT_CERTIFICATE_H
#define SEKISHO_AUTHORITY_CLIENT_CERTIFICATE_H

#include "authority/confirmation.h"
#include "config/config.h"
#include "http/http.h"

typedef struct client_certificate {
  bytes_t der;        /* empty: none was shown */
  confirmation_t key; /* by which tokens are bound to it (RFC 8705 §3.1); CONFIRMATION_NONE without one */
} client_certificate_t;

/* In the request's arena. Without a source, or from a peer that is no proxy of it, there is none.
 * ERR_CERTIFICATE when the header is there twice or holds no certificate. */
MUST_USE error_code_t client_certificate_read(http_request_t *http, const config_certificate_header_t *source,
                                              client_certificate_t *ret_certificate);

#endif
