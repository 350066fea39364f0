/* Rows of the internal listener for gateways: nginx auth_request, forward auth (Caddy, Traefik), Envoy HTTP
 * ext_authz. */
#ifndef SEKISHO_AUTHORITY_CHECK_ROUTES_H
#define SEKISHO_AUTHORITY_CHECK_ROUTES_H

#include "authority/authority.h"

void check_nginx(http_request_t *request, void *app);
void check_forwarded(http_request_t *request, void *app);
void check_envoy(http_request_t *request, void *app);

#define CHECK_ROUTES                                                                                         \
  {HTTP_ANY, "/{domain}/check/nginx", check_nginx, HTTP_IGNORE_BODY},                                        \
      {HTTP_ANY, "/{domain}/check/forwarded", check_forwarded, HTTP_IGNORE_BODY},                            \
      {HTTP_ANY, "/{domain}/check/envoy", check_envoy, HTTP_IGNORE_BODY},                                    \
  {                                                                                                          \
    HTTP_ANY, "/{domain}/check/envoy/**", check_envoy, HTTP_IGNORE_BODY                                      \
  }

#endif
