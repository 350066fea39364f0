/* Mutual TLS (RFC 8705): a proxy ends the connection and says which certificate it saw. */
#include <stdio.h>
#include <string.h>

#include "config/build.h"

static const char *const loopback[] = {"127.0.0.1", "::1"};

config_certificate_header_t build_certificate_header(build_t *build, const tree_node_t *map, const char *path)
{
  char member[64];
  config_certificate_header_t header = {.name = NULL};
  if (map == NULL)
    return header;
  snprintf(member, sizeof member, "%s.header", path);
  header.name = build_text(map, member);
  snprintf(member, sizeof member, "%s.format", path);
  header.pem = strcmp(build_text(map, member), "pem") == 0;
  header.from = build_list(build, tree_child(map, "from"));
  if (header.from.count > 0 || strcmp(path, "authority.client_certificate") != 0)
    return header;
  header.from.items = build_array(build, 2, sizeof *header.from.items);
  for (size_t i = 0; header.from.items != NULL && i < 2; i++)
    header.from.items[header.from.count++] = loopback[i];
  return header;
}

certificate_use_t build_certificate_binding(build_t *build, const tree_node_t *node,
                                            const config_client_t *client)
{
  const char *word = build_text(node, "domains[].clients[].certificate_binding");
  bool bound = build_boolean(node, "domains[].clients[].tls_client_certificate_bound_access_tokens");
  bool said = tree_child(node, "certificate_binding") != NULL;
  certificate_use_t use = strcmp(word, "required") == 0  ? CERTIFICATE_USE_REQUIRED
                          : strcmp(word, "allowed") == 0 ? CERTIFICATE_USE_ALLOWED
                                                         : CERTIFICATE_USE_OFF;
  if (bound && said && use != CERTIFICATE_USE_REQUIRED)
    problems_add(
        build->problems, node, "certificate_binding",
        "contradicts tls_client_certificate_bound_access_tokens: true, allowed: required, or leave it "
        "out");
  use = bound ? CERTIFICATE_USE_REQUIRED : use;
  if (use == CERTIFICATE_USE_REQUIRED && client->dpop == DPOP_USE_REQUIRED)
    problems_add(build->problems, node, "certificate_binding",
                 "and dpop cannot both be required, a token is bound to one key: keep one");
  return use;
}

/* RFC 8705 §2.1.2: exactly one. */
static void check_one_name(build_t *build, const tree_node_t *node, const config_certificate_names_t *names)
{
  const char *const all[] = {names->subject_dn, names->san_dns, names->san_uri, names->san_ip,
                             names->san_email};
  size_t count = 0;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    count += all[i] != NULL ? 1 : 0;
  if (count != 1)
    problems_add(build->problems, node, "tls_client_auth_subject_dn",
                 count == 0
                     ? "is missing, tls_client_auth needs it, or tls_client_auth_san_dns, _uri, _ip or "
                       "_email"
                     : "and another name of its certificate are given, allowed: exactly one");
}

void build_check_certificates(build_t *build, const tree_node_t *node, const config_domain_t *domain,
                              const config_client_t *client)
{
  bool by_certificate = client_method_is_tls(client->method);
  bool told = domain->certificates;
  if (by_certificate && !told)
    problems_add(build->problems, node, "token_endpoint_auth_method",
                 "%s needs a proxy that says which certificate it saw, allowed with "
                 "authority.client_certificate",
                 client_method_name(client->method));
  if (client->certificate_binding != CERTIFICATE_USE_OFF && !told)
    problems_add(
        build->problems, node, "certificate_binding",
        "needs a proxy that says which certificate it saw, allowed with authority.client_certificate");
  if (client->certificate_binding != CERTIFICATE_USE_OFF && domain->external_url != NULL &&
      build->config->gateway_certificate.name == NULL)
    problems_note(build->problems, node,
                  "tokens that are bound to certificates pass no gateway without "
                  "authority.gateway_certificate");
  if (client->method != CLIENT_TLS)
    return;
  check_one_name(build, node, &client->credential.certificate);
  if (domain->client_ca_file == NULL)
    problems_add(build->problems, node, "token_endpoint_auth_method",
                 "tls_client_auth needs to know who issues certificates, allowed with the domain's "
                 "client_ca_file");
}
