/* Makes the struct from a tree, with the checks that need more than one key. Runs on trees with errors too,
 * so that all is reported at once: whatever is missing or wrong reads as its default. */
#ifndef SEKISHO_CONFIG_BUILD_H
#define SEKISHO_CONFIG_BUILD_H

#include "config/tree.h"

typedef struct build {
  problems_t *problems;
  config_t *config;
} build_t;

void build_config(build_t *build, const tree_node_t *root);

/* Parts, in files of their own. */
void build_rp(build_t *build, const tree_node_t *rp);
/* Algorithms, options, extensions, apps, metadata: what ceremonies ask for. */
void build_webauthn(build_t *build, const tree_node_t *rp);
void build_levels(build_t *build, const tree_node_t *levels);
void build_domain(build_t *build, const tree_node_t *node, config_domain_t *ret_domain);
const config_scope_t *build_scopes(build_t *build, const tree_node_t *scopes, size_t *ret_count);
/* Types of authorization details; and that a client names only those. */
const config_detail_t *build_details(build_t *build, const tree_node_t *details,
                                     const config_domain_t *domain, size_t *ret_count);
void build_check_client_details(build_t *build, const tree_node_t *node, const config_domain_t *domain,
                                const config_client_t *client);
const config_route_t *build_routes(build_t *build, const tree_node_t *domain_node,
                                   const config_domain_t *domain, size_t *ret_count);
const config_client_t *build_clients(build_t *build, const tree_node_t *clients,
                                     const config_domain_t *domain, size_t *ret_count);
/* Browsers' sessions behind the gateway: after clients, which get one more. */
void build_gateway_session(build_t *build, const tree_node_t *domain_node, config_domain_t *domain);
void build_own_page(build_t *build, const tree_node_t *domain_node, config_domain_t *domain);
/* How the client of node shows who it is, and what that needs. */
client_method_t build_credential(build_t *build, const tree_node_t *node,
                                 config_credential_t *ret_credential);
/* Mutual TLS: where certificates are told, whose, and what of it hangs together. */
config_certificate_header_t build_certificate_header(build_t *build, const tree_node_t *map,
                                                     const char *path);
certificate_use_t build_certificate_binding(build_t *build, const tree_node_t *node,
                                            const config_client_t *client);
void build_check_certificates(build_t *build, const tree_node_t *node, const config_domain_t *domain,
                              const config_client_t *client);
void build_services(build_t *build, const tree_node_t *domain_node, config_domain_t *ret_domain);
/* Not used yet, held together all the same. */
void build_check_trusts(build_t *build, const tree_node_t *root, const tree_node_t *domain_node,
                        const config_domain_t *domain);

/* Members by the last part of a row's path; the row's default when the member is missing or no scalar. */
const char *build_text(const tree_node_t *map, const char *path);
bool build_boolean(const tree_node_t *map, const char *path);
/* MAX_AGE_NONE when there is neither value nor default. */
int64_t build_duration(const tree_node_t *map, const char *path);
int64_t build_number(const tree_node_t *map, const char *path);
/* The scalars of a list; nothing when it is missing. */
text_list_t build_list(build_t *build, const tree_node_t *list);
/* acr, max_age and evidence of map, as rows below path say; an unknown level is reported. */
requirement_t build_requirement(build_t *build, const tree_node_t *map, const char *path);
/* allow, deny, certification and attestation of map, as rows below path say. */
authenticator_rule_t build_authenticators(build_t *build, const tree_node_t *map, const char *path);
/* Memory of count entries; NULL, with the problem noted, when there is none. count 0 gives NULL as well. */
void *build_array(build_t *build, size_t count, size_t size);
/* A file name made absolute beside the configuration. */
const char *build_path(build_t *build, const char *name);
/* A file's path, or the address of a database server. */
const char *build_database(build_t *build, const tree_node_t *map, const char *path);
bool text_list_has(const text_list_t *list, const char *text);

#endif
