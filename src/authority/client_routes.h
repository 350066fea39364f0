/* What `sekisho client` asks, over the Unix socket. */
#ifndef SEKISHO_AUTHORITY_CLIENT_ROUTES_H
#define SEKISHO_AUTHORITY_CLIENT_ROUTES_H

#include "http/http.h"

void clients_list(http_request_t *http, void *app);
void client_add(http_request_t *http, void *app);    /* its id and, once, its secret */
void client_rotate(http_request_t *http, void *app); /* its new secret */
void client_remove(http_request_t *http, void *app); /* what it was given is revoked */

#endif
