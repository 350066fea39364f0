/* One service domain: its own issuer, store, keys, policy and caches. Nothing in it is shared with another
 * domain, and no function takes two. */
#ifndef SEKISHO_AUTHORITY_DOMAIN_H
#define SEKISHO_AUTHORITY_DOMAIN_H

#include <stdatomic.h>

#include "authority/client_store.h"
#include "authority/dpop.h"
#include "authority/remote_keys.h"
#include "authority/revocations.h"
#include "authority/signing_keys.h"
#include "authority/workload_keys.h"
#include "crypto/trust_roots.h"
#include "ops/metrics.h"

/* The key file covers a domain's database alone; these lives bound what a rotated key must stay published
 * for.
 */
#define ID_TOKEN_LIFETIME_MS ((int64_t)10 * 60 * 1000)
#define CODE_LIFETIME_MS ((int64_t)60 * 1000)
#define REQUEST_LIFETIME_MS ((int64_t)10 * 60 * 1000)

/* What the configuration makes of a domain. Immutable, replaced as a whole by SIGHUP: take it with
 * domain_settings in every handler call, and anew after a wait. */
typedef struct domain_settings {
  const config_domain_t *config;
  const config_rp_t *rp; /* its id and origins: what verified evidence must be for */
  const level_table_t *levels;
  authenticator_rule_t authenticators; /* whose evidence counts here */
  domain_id_t id;
  const char *issuer_host;   /* host[:port] of the issuer, lower case */
  const char *issuer_path;   /* "" or "/pay" */
  const char *pages_address; /* of the login server, which shows what people see */
  client_table_t clients;    /* of the configuration */
  const client_store_t
      *stored_clients; /* those beside them: the domain's, and they change while this stays */
  const config_certificate_header_t *client_certificate, *gateway_certificate;
  trust_roots_t *client_roots;       /* of client_ca_file; NULL: none */
  const char *mtls_host, *mtls_path; /* of mtls_url, as of the issuer; NULL: none */
  bytes_t discovery;                 /* the metadata document, for both well-known addresses */
  signature_algorithm_t algorithm;
  int64_t token_lifetime_ms; /* the longest of any token that the domain's keys sign */
  arena_t *arena;            /* owns all of this but config */
} domain_settings_t;

typedef struct domain {
  domain_id_t id;
  store_t *store;
  signing_keys_t *keys;
  revocations_t *revocations;
  metrics_t *metrics;
  struct token_cache *token_cache; /* of the gateway check */
  dpop_nonces_t dpop_nonces;
  struct dpop_memory *dpop_memory; /* proofs that resource requests have used */
  secret_key_t reference_key;      /* masks row ids in codes and handles */
  secret_key_t refresh_key;        /* makes refresh tokens */
  secret_key_t gateway_key;        /* seals browsers' sessions behind the gateway, and their way in */
  struct session_use *session_use; /* when each was last used */
  struct check_log *check_log;     /* refusals of the gateway check */
  client_store_t stored_clients;
  remote_keys_t *remote_keys; /* of clients that have theirs at an address */
  workload_keys_t *workload_keys;
  struct logout_sender *logout_sender;
  retire_t *retire; /* borrowed */
  bool stale;       /* the main loop's: the log says that the store cannot be asked */
  _Atomic(const domain_settings_t *) settings;
} domain_t;

/* Opens the domain's database and key file; makes both when neither is there. The settings must have been
 * made for this domain and are taken over. */
MUST_USE error_code_t domain_open(const config_t *config, domain_settings_t *settings, retire_t *retire,
                                  caller_t *caller, domain_t **ret_domain, error_detail_t *detail);
/* After the servers and the caller have stopped. */
void domain_close(domain_t *domain);

MUST_USE error_code_t domain_settings_new(const config_t *config, const config_domain_t *domain,
                                          domain_settings_t **ret_settings, error_detail_t *detail);
/* Of the configuration, else of the store; NULL when there is none. */
const client_t *domain_find_client(const domain_settings_t *settings, bytes_t id);
/* Whether pages of a public client are at this origin. */
bool domain_allows_origin(const domain_settings_t *settings, bytes_t origin);
void domain_settings_free(domain_settings_t *settings);
const domain_settings_t *domain_settings(const domain_t *domain);
void domain_replace_settings(domain_t *domain, domain_settings_t *settings);

/* From the main loop: key rotation, pruning. */
void domain_maintain(domain_t *domain, int64_t now_ms);

#endif
