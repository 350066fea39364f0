/* One domain as the authority's parsers see it, without a process around it. */
#ifndef SEKISHO_TESTS_AUTHORITY_FIXTURE_H
#define SEKISHO_TESTS_AUTHORITY_FIXTURE_H

#include "authority/domain.h"

/* Entry: phr within an hour. Scopes: read, write (phr within 5 min), vault (phrh). Clients: web, app. */
static inline const domain_settings_t *fixture_settings(void)
{
  static const char *web_uris[] = {"https://c.example/cb", "https://c.example/cb?keep=1"};
  static const char *app_uris[] = {"http://127.0.0.1/cb", "http://[::1]/cb", "com.example.app:/cb"};
  static const char *app_scopes[] = {"read"};
  static const config_scope_t scopes[] = {
      {.name = "read", .requirement = {-1, MAX_AGE_NONE, EVIDENCE_ANY, false}},
      {.name = "write", .requirement = {1, 300000, EVIDENCE_ANY, false}},
      {.name = "vault", .requirement = {2, MAX_AGE_NONE, EVIDENCE_DOMAIN, false}},
  };
  static const config_client_t clients[] = {
      {.id = "web",
       .public_client = true,
       .redirect_uris = {web_uris, 2},
       .requirement = {-1, MAX_AGE_NONE, EVIDENCE_ANY, false}},
      {.id = "app",
       .public_client = true,
       .redirect_uris = {app_uris, 3},
       .scopes = {app_scopes, 1},
       .requirement = {-1, 60000, EVIDENCE_ANY, false}},
  };
  static const config_domain_t domain = {.id = {"pay"},
                                         .issuer = "https://id.example/pay",
                                         .access_token_audience = "https://api.example",
                                         .entry = {1, 3600000, EVIDENCE_ANY, false},
                                         .scopes = scopes,
                                         .scope_count = 3,
                                         .clients = clients,
                                         .client_count = 2,
                                         .access_token_lifetime_ms = 600000};
  static client_t known[] = {{.config = &clients[0]}, {.config = &clients[1]}};
  static domain_settings_t settings;
  settings = (domain_settings_t){.config = &domain,
                                 .levels = level_table_builtin(),
                                 .id = {"pay"},
                                 .clients = {.clients = known, .count = 2},
                                 .algorithm = SIGNATURE_ES256,
                                 .token_lifetime_ms = 600000};
  return &settings;
}

#endif
