/* Who is asking: RFC 6749 §2.3 and OpenID Connect Core §9, by one row a method. A client is known in exactly
 * the way that it is registered for; a request that shows more than one way is refused. */
#ifndef SEKISHO_AUTHORITY_CLIENT_AUTHENTICATION_H
#define SEKISHO_AUTHORITY_CLIENT_AUTHENTICATION_H

#include "authority/client_certificate.h"
#include "authority/domain.h"
#include "http/http.h"

/* A request of a client's own, at the token endpoint or another that clients alone may use. In the request's
 * arena. */
typedef struct client_request {
  http_request_t *http;
  domain_t *domain;
  const http_form_t *form;
  const config_client_t *client;    /* authenticated */
  dpop_proof_t proof;               /* of a key, where one came; to be spent: client_proof_spend */
  client_certificate_t certificate; /* of the connection */
  bool has_waited;                  /* for keys of the client's: it is done once */
} client_request_t;

/* Of the request's form; no client yet. */
MUST_USE error_code_t client_request_read(http_request_t *http, domain_t *domain,
                                          client_request_t **ret_request);

/* Whether the client's registration wants tokens bound, and by what. ERR_DPOP_REQUIRED, ERR_DPOP_OFF,
 * ERR_CERTIFICATE_REQUIRED. */
MUST_USE error_code_t client_check_binding(const client_request_t *request,
                                           const domain_settings_t *settings);
/* What the tokens of the request are bound to: the key of its DPoP proof, or its certificate. */
confirmation_t client_binding(const client_request_t *request);
/* In the job that gives something for the request: its DPoP proof, if there is one, counts once.
 * ERR_DPOP_PROOF when it was used before. */
MUST_USE error_code_t client_proof_spend(database_t *database, const dpop_proof_t *proof);

/* outcome is ERR_NONE, and client is set; or why not: mostly ERR_CLIENT_AUTHENTICATION, for an unknown client
 * as for a wrong secret. settings are those of now. */
typedef void client_then_t(client_request_t *request, const domain_settings_t *settings,
                           error_code_t outcome);

/* Calls then at once, or after the waits in which the client's keys are fetched and an assertion is put down
 * so that it counts once. */
void client_authenticate(client_request_t *request, client_then_t *then);

#endif
