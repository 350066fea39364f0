/* The services behind a domain's gateway: who they are, what they offer, and what that lets them ask of
 * others. */
#ifndef SEKISHO_CONFIG_CONFIG_SERVICES_H
#define SEKISHO_CONFIG_CONFIG_SERVICES_H

#include "config/config_rp.h"

/* A claim that a workload's token must have. Structured claims are named by a path: kubernetes.io/namespace.
 */
typedef struct config_claim_rule {
  const char *path, *value;
  bool prefix; /* value is how a text begins; otherwise the whole value, or an entry of a list */
} config_claim_rule_t;

/* Scopes of one service. */
typedef struct config_asks {
  const char *service;
  text_list_t scopes;
} config_asks_t;

typedef struct config_offer {
  const char *name;
  const config_asks_t *asks; /* what a call under it may ask of others */
  size_t ask_count;
} config_offer_t;

typedef struct config_service {
  const char *id;
  const char *issuer; /* of its workload tokens */
  const config_claim_rule_t *rules;
  size_t rule_count;
  const config_offer_t *offers;
  size_t offer_count;
  const config_asks_t *own; /* what it may ask in its own name */
  size_t own_count;
} config_service_t;

typedef struct config_workload_issuer {
  const char *issuer, *audience;
  const char *jwks_file; /* absolute, or */
  const char *jwks_uri;
  int64_t max_lifetime_ms; /* from iat to exp */
} config_workload_issuer_t;

#endif
