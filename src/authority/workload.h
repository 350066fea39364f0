/* Workloads: programs that their platform names, by a token that it signs (Kubernetes, GitHub Actions, any
 * OpenID Connect issuer). A domain's service is whichever workload has the claims that the configuration
 * says. */
#ifndef SEKISHO_AUTHORITY_WORKLOAD_H
#define SEKISHO_AUTHORITY_WORKLOAD_H

#include "authority/domain.h"

typedef struct workload {
  const config_service_t *service;        /* of the settings: not across a wait */
  const config_workload_issuer_t *issuer; /* NULL when none could be told */
  int64_t expires_ms;
  const char *reason; /* of a refusal, for the operator's log */
  bool awaits_keys;   /* refused for now: its issuer's keys are being fetched */
} workload_t;

/* ERR_WORKLOAD when the token names no service of the domain; ERR_WORKLOAD_KEYS when nobody can tell now. */
MUST_USE error_code_t workload_check(arena_t *arena, const domain_t *domain,
                                     const domain_settings_t *settings, bytes_t text, int64_t now_ms,
                                     workload_t *ret_workload);

/* Whether claims have what the rules say: all of them. */
bool workload_claims_match(const json_t *claims, const config_service_t *service);

#endif
