/* Rows of the internal listener that a gateway hands browsers through to, on the product's own host:
 * /.sekisho/enter, /.sekisho/return and /.sekisho/leave. */
#ifndef SEKISHO_AUTHORITY_GATEWAY_ROUTES_H
#define SEKISHO_AUTHORITY_GATEWAY_ROUTES_H

#include "authority/authority.h"

http_handler_t gateway_enter;  /* begins a sign-in for this browser; `to` is where it wants to be */
http_handler_t gateway_return; /* ends it: the session's cookie, and back to `to` */
http_handler_t gateway_leave;  /* ends the session; everywhere=true: the login server's as well */

/* NULL after answering 404: no such domain, or one without gateway_session. */
domain_t *gateway_domain(authority_t *authority, http_request_t *http);

#define GATEWAY_ROUTES                                                                                       \
  {HTTP_GET, "/{domain}/.sekisho/enter", gateway_enter, HTTP_NO_HEAD},                                       \
      {HTTP_GET, "/{domain}/.sekisho/return", gateway_return, HTTP_NO_HEAD},                                 \
  {                                                                                                          \
    HTTP_POST, "/{domain}/.sekisho/leave", gateway_leave, HTTP_BODY_FORM                                     \
  }

#endif
