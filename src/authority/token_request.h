/* The token endpoint's table: what a client may present. One row and one file a grant type. */
#ifndef SEKISHO_AUTHORITY_TOKEN_REQUEST_H
#define SEKISHO_AUTHORITY_TOKEN_REQUEST_H

#include "authority/authority.h"
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
void grant_refresh_token(token_request_t *request, const domain_settings_t *settings);
void grant_token_exchange(token_request_t *request, const domain_settings_t *settings);

/* Whether an exchange is for an internal token: then the caller is a service, and no client. */
bool token_exchange_is_internal(const http_form_t *form);
void token_exchange_internal(token_request_t *request);

/* What a token request gives. */
typedef struct token_answer {
  grant_t grant; /* with the scope of these tokens */
  confirmation_t confirmation;
  bytes_t refresh_token; /* BYTES_NONE: none */
  int64_t now_ms, expires_ms;
} token_answer_t;

/* RFC 6749 §5.1 and §5.2. */
void token_reply(http_request_t *http, domain_t *domain, const token_answer_t *answer);
void token_reply_error(http_request_t *http, error_code_t error);

/* RFC 9700 §2.6: pages of the domain's public clients may call, and no others. */
void browser_origin_allow(http_request_t *http, const domain_settings_t *settings);
void browser_preflight(http_request_t *http, authority_t *authority, const char *path);

/* POST and OPTIONS of {issuer}/token. */
void token_endpoint(http_request_t *http, void *app);
void token_preflight(http_request_t *http, void *app);
/* POST of {issuer}/introspect, for clients that authenticate; and below /{domain} of the internal listener.
 */
void introspection_endpoint(http_request_t *http, void *app);
void introspection_internal(http_request_t *http, void *app);
/* POST and OPTIONS of {issuer}/revoke. */
void revocation_endpoint(http_request_t *http, void *app);
void revocation_preflight(http_request_t *http, void *app);

#endif
