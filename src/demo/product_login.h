/* The product as an OpenID Connect client: the code flow with PKCE (RFC 7636), state, nonce, and iss (RFC
 * 9207). */
#ifndef SEKISHO_DEMO_PRODUCT_LOGIN_H
#define SEKISHO_DEMO_PRODUCT_LOGIN_H

#include "http/http.h"

/* GET /enter?action=…&acr_values=…&max_age=…: to sekisho's authorization endpoint, for what that action
 * needs. */
void product_enter(http_request_t *request, void *app);
/* GET /callback: code to tokens, then back to /. */
void product_callback(http_request_t *request, void *app);

#endif
