/* One isolated domain's part of the configuration. */
#ifndef SEKISHO_CONFIG_CONFIG_DOMAIN_H
#define SEKISHO_CONFIG_CONFIG_DOMAIN_H

#include "config/config_client.h"
#include "config/config_detail.h"
#include "config/config_services.h"
#include "policy/decision.h"

typedef struct config_scope {
  const char *name;
  const char *title_en, *title_ja; /* shown on the step-up page; NULL: the name */
  requirement_t requirement;
} config_scope_t;

typedef struct config_route {
  const char *method;  /* "GET"; "*" for any */
  const char *pattern; /* "/accounts/{id}", or with two stars last */
  bool public_route;
  text_list_t scopes, grants;
  const char *service;
  requirement_t requirement; /* the route's own acr and max_age, joined with its scopes' at /check */
  int line;
} config_route_t;

/* How a person's key gets into the domain's own keeping. */
typedef enum binding_mode {
  BINDING_FIRST_USE, /* the first at its first use, a further one with a ticket of the operator's */
  BINDING_TICKET,    /* each with a ticket */
  BINDING_BOUND_KEY, /* as at first use, and a further one by a touch of a key that is bound */
} binding_mode_t;

typedef struct config_domain {
  domain_id_t id;
  const char *name;         /* shown to people; never NULL */
  const char *issuer;       /* no trailing slash */
  const char *external_url; /* where the gateway serves this domain; NULL: no gateway */
  bool gateway_session;     /* browsers get a session of their own there, without any client's code */
  requirement_t entry;
  authenticator_rule_t authenticators; /* whose evidence it takes */
  int64_t session_idle_ms, session_absolute_ms;
  const config_scope_t *scopes;
  size_t scope_count;
  const config_detail_t *details; /* types of authorization details */
  size_t detail_count;
  const config_route_t *routes;
  size_t route_count;
  const config_client_t *clients;
  size_t client_count;
  const config_service_t *services;
  size_t service_count;
  const config_workload_issuer_t *workload_issuers;
  size_t workload_issuer_count;
  int64_t access_token_lifetime_ms;
  const char *access_token_audience; /* default: external_url, else the issuer */
  int64_t refresh_idle_ms, refresh_absolute_ms, refresh_grace_ms;
  bool refresh_outlives; /* what offline_access gives goes on after the session */
  binding_mode_t binding;
  const char *origin;   /* of the domain's own page, the only one whose touches it verifies; NULL: the rp's */
  bool public_subjects; /* sub and sid are those of every domain that says so */
  bool push_required;   /* every request must be pushed (RFC 9126) */
  bool fapi2;           /* what the FAPI 2.0 Security Profile asks is asked of every client */
  bool certificates;    /* a proxy says with which certificates its clients connect */
  const char *client_ca_file; /* absolute; of tls_client_auth; NULL: none */
  const char *mtls_url;       /* where the endpoints ask for certificates; NULL: at the issuer, if anywhere */
  bool dpop_nonces;           /* a DPoP proof must carry a nonce of ours */
  int64_t internal_lifetime_ms, internal_reuse_ms;
  const char *internal_audience;
  int algorithm; /* COSE number: ES256, EdDSA or RS256 */
} config_domain_t;

#endif
