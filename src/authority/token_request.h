/* The token endpoint's table: what a client may present. One row and one file a grant type. */
#ifndef SEKISHO_AUTHORITY_TOKEN_REQUEST_H
#define SEKISHO_AUTHORITY_TOKEN_REQUEST_H

#include "authority/client_authentication.h"

/* A client's request whose client is known. */
typedef client_request_t token_request_t;

typedef struct token_grant {
  const char *grant_type;
  /* Replies, or waits and replies. */
  void (*handle)(token_request_t *request, const domain_settings_t *settings);
} token_grant_t;
extern const token_grant_t token_grants[];
extern const size_t token_grant_count;

void grant_authorization_code(token_request_t *request, const domain_settings_t *settings);
void grant_client_credentials(token_request_t *request, const domain_settings_t *settings);

/* RFC 6749 §5.1 and §5.2. */
void token_reply(http_request_t *http, domain_t *domain, const grant_t *grant, int64_t now_ms,
                 int64_t expires_ms);
void token_reply_error(http_request_t *http, error_code_t error);

/* POST and OPTIONS of {issuer}/token. */
void token_endpoint(http_request_t *http, void *app);
void token_preflight(http_request_t *http, void *app);

#endif
