/* The configuration: one validated struct, made from YAML by a table of keys. Immutable once made. */
#ifndef SEKISHO_CONFIG_CONFIG_H
#define SEKISHO_CONFIG_CONFIG_H

#include "config/config_domain.h"

/* Where a proxy says with which certificate a client connected to it. */
typedef struct config_certificate_header {
  const char *name; /* NULL: nowhere; no certificate is known then */
  bool pem;         /* percent-encoded PEM; else RFC 9440's form */
  text_list_t from; /* addresses of proxies that are believed; empty: whoever reaches the listener */
} config_certificate_header_t;

typedef struct config {
  arena_t *arena;
  const char *path;      /* absolute path of the file */
  const char *directory; /* its folder: where relative names lead, with keys/ and run/ */
  config_rp_t rp;
  const char *authority_listen, *authority_internal;
  const char
      *authority_database; /* absolute, or an address; the domain's own is derived: config_domain_database */
  config_certificate_header_t client_certificate;  /* at the public listener */
  config_certificate_header_t gateway_certificate; /* at the internal one */
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
const config_service_t *config_find_service(const config_domain_t *domain, bytes_t id);
/* NULL when the service does not offer it. */
const config_offer_t *config_find_offer(const config_service_t *service, bytes_t name);
const config_scope_t *config_find_scope(const config_domain_t *domain, bytes_t name);
const config_detail_t *config_find_detail(const config_domain_t *domain, bytes_t type);
/* "authority-pay.db" beside authority.db, or the address with the domain's schema; arena-made. */
char *config_domain_database(arena_t *arena, const config_t *config, const config_domain_t *domain);
/* DIR/keys/rp.key, DIR/keys/authority-pay.key, DIR/run/NAME. */
char *config_key_path(arena_t *arena, const config_t *config, const char *name);
char *config_run_path(arena_t *arena, const config_t *config, const char *name);

#endif
