/* The process: its configuration, its domains, its three listeners (public, internal, Unix socket). */
#ifndef SEKISHO_AUTHORITY_AUTHORITY_H
#define SEKISHO_AUTHORITY_AUTHORITY_H

#include "authority/domain.h"
#include "http/server.h"

#define AUTHORITY_DOMAINS_MAX 64

typedef struct authority authority_t; /* the `app` of every handler here */

typedef struct authority_options {
  const char *config_path;
  const char *only_domain; /* NULL: all */
  bool admin_only;         /* no TCP listeners: the command line, while no server runs */
  caller_t *caller;        /* for calls to addresses outside; NULL: there are none */
} authority_options_t;

/* Takes the configuration and the caller over, also when it fails. */
MUST_USE error_code_t authority_start(const authority_options_t *options, config_t *config,
                                      authority_t **ret_authority, error_detail_t *detail);
/* Drains for at most grace_ms, then closes every store. */
void authority_stop(authority_t *authority, int64_t grace_ms);
/* Rereads the configuration; keeps the old one when the new one is wrong. Logs which. */
void authority_reload(authority_t *authority);
/* Once a second. */
void authority_tick(authority_t *authority);

size_t authority_domain_count(const authority_t *authority);
domain_t *authority_domain_at(const authority_t *authority, size_t index);
/* NULL when there is none of that id. */
domain_t *authority_find_domain(const authority_t *authority, bytes_t id);
/* By Host and path: the path is prefix + the issuer's path + suffix. NULL after answering 404. */
domain_t *authority_domain_of_issuer(authority_t *authority, http_request_t *request, const char *prefix,
                                     const char *suffix);
/* By the {domain} segment of internal and admin routes. NULL after answering 404. */
domain_t *authority_domain_of_segment(authority_t *authority, http_request_t *request);

/* 200 while the process runs; 200 or 503 as the stores are well. */
void authority_healthz(http_request_t *http, void *app);
void authority_readyz(http_request_t *http, void *app);

#define WELL_KNOWN_OPENID "/.well-known/openid-configuration"
#define WELL_KNOWN_OAUTH "/.well-known/oauth-authorization-server"

/* Rows of the listeners, one table a file. */
typedef struct route_rows {
  const http_route_t *rows;
  size_t count;
} route_rows_t;
extern const route_rows_t issuer_routes;   /* below each issuer's path */
extern const route_rows_t inserted_routes; /* before each issuer's path (RFC 8414) */
extern const route_rows_t health_routes;
extern const route_rows_t internal_routes; /* of the internal listener, the gateway check among them */
extern const route_rows_t admin_routes;    /* of the Unix socket, beside the hand-off's messages */

#endif
