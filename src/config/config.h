/* The configuration: one validated struct, made from YAML by a table of keys. Immutable once made. */
#ifndef SEKISHO_CONFIG_CONFIG_H
#define SEKISHO_CONFIG_CONFIG_H

#include "config/config_rp.h"
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

typedef struct config_client {
  const char *id;
  const char *name; /* shown to people; never NULL: the id when none is given */
  bool public_client;
  text_list_t redirect_uris;
  text_list_t post_logout_redirect_uris;
  text_list_t scopes;                     /* empty: all of the domain */
  const char *token_endpoint_auth_method; /* none in this version */
  requirement_t requirement;              /* its own entry, joined with the domain's */
} config_client_t;

typedef struct config_domain {
  domain_id_t id;
  const char *name;         /* shown to people; never NULL */
  const char *issuer;       /* no trailing slash */
  const char *external_url; /* where the gateway serves this domain; NULL: no gateway */
  requirement_t entry;
  authenticator_rule_t authenticators; /* whose evidence it takes */
  int64_t session_idle_ms, session_absolute_ms;
  const config_scope_t *scopes;
  size_t scope_count;
  const config_route_t *routes;
  size_t route_count;
  const config_client_t *clients;
  size_t client_count;
  int64_t access_token_lifetime_ms;
  const char *access_token_audience; /* default: external_url, else the issuer */
  int64_t internal_lifetime_ms, internal_reuse_ms;
  const char *internal_audience;
  int algorithm; /* COSE number: ES256, EdDSA or RS256 */
} config_domain_t;

typedef struct config {
  arena_t *arena;
  const char *path;      /* absolute path of the file */
  const char *directory; /* its folder: where relative names lead, with keys/ and run/ */
  config_rp_t rp;
  const char *authority_listen, *authority_internal;
  const char *authority_database; /* absolute; the domain's own is derived: config_domain_database */
  const config_domain_t *domains;
  size_t domain_count;
  level_table_t levels;
  text_list_t notes; /* `FILE:LINE: key: …` of what is accepted but not used by this version */
} config_t;

/* Reads, validates, and reports every error at once as `FILE:LINE: key: what is wrong, what is allowed`, one
 * a line, through report. ERR_CONFIG when there was any. The result owns its arena: config_free. */
typedef void config_report_t(void *context, const char *line);
MUST_USE error_code_t config_load(const char *path, config_report_t *report, void *context,
                                  config_t **ret_config);
/* The same from memory; path is what the errors name and what relative names lead from. */
MUST_USE error_code_t config_parse(const char *path, bytes_t text, config_report_t *report, void *context,
                                   config_t **ret_config);
void config_free(config_t *config);

const config_domain_t *config_find_domain(const config_t *config, bytes_t id);
const config_client_t *config_find_client(const config_domain_t *domain, bytes_t client_id);
const config_scope_t *config_find_scope(const config_domain_t *domain, bytes_t name);
/* "authority-pay.db" beside authority.db; arena-made. */
char *config_domain_database(arena_t *arena, const config_t *config, const config_domain_t *domain);
/* DIR/keys/rp.key, DIR/keys/authority-pay.key, DIR/run/NAME. */
char *config_key_path(arena_t *arena, const config_t *config, const char *name);
char *config_run_path(arena_t *arena, const config_t *config, const char *name);

#endif
