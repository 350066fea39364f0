/* Mutual TLS in the configuration: what hangs together, and what is told to whoever leaves a part out. */
#include "unit.h"

#include "config/config.h"

#define HEAD                                                                                                 \
  "rp: {id: localhost, origins: [\"http://localhost:8080\"], listen: \"127.0.0.1:8080\"}\n"                  \
  "authority:\n  listen: 127.0.0.1:8081\n  internal: 127.0.0.1:8082\n"
#define CLIENT_HEADER "  client_certificate: {header: Client-Cert}\n"
#define GATEWAY_HEADER "  gateway_certificate: {header: Client-Cert, format: pem}\n"
#define DOMAIN                                                                                               \
  "domains:\n  - id: pay\n    issuer: http://localhost:8081/pay\n    entry: {acr: phr}\n"                    \
  "    scopes: {read: {}}\n"
#define CA "    client_ca_file: ca.pem\n"
#define CRON "grant_types: [client_credentials], scope: read}\n"
#define TLS "    clients:\n      - {id: a, token_endpoint_auth_method: tls_client_auth, " CRON
#define NAMED(name)                                                                                          \
  "    clients:\n      - {id: a, token_endpoint_auth_method: tls_client_auth, " name ", " CRON
#define DN "tls_client_auth_subject_dn: CN=a"
#define SECRET(more)                                                                                         \
  "    clients:\n      - {id: a, token_endpoint_auth_method: client_secret_basic, client_secret_file: "      \
  "s, " more ", " CRON

static void hear(void *context, const char *line)
{
  builder_t *said = context;
  builder_add_string(said, line);
  builder_add_string(said, "\n");
}

/* wanted NULL: accepted. */
static void reads(arena_t *arena, const char *text, const char *wanted)
{
  config_t *config = NULL;
  builder_t said = arena_builder(arena, 8192);
  error_code_t error = config_parse("f.yaml", bytes_of_string(text), hear, &said, &config);
  builder_add_u8(&said, 0);
  if (wanted == NULL ? error != ERR_NONE : error == ERR_NONE || strstr((char *)said.data, wanted) == NULL)
    fail_msg("%s\nwanted %s, got %s", text, wanted != NULL ? wanted : "nothing", (char *)said.data);
  config_free(config);
}

static void rows_hang_together(void **state)
{
  static const struct {
    const char *text, *wanted;
  } rows[] = {
      {HEAD CLIENT_HEADER DOMAIN CA NAMED(DN), NULL},
      {HEAD CLIENT_HEADER GATEWAY_HEADER DOMAIN CA "    mtls_url: https://tls.example/pay\n" NAMED(DN), NULL},
      {HEAD DOMAIN CA NAMED(DN), "needs a proxy"},
      {HEAD CLIENT_HEADER DOMAIN NAMED(DN), "client_ca_file"},
      {HEAD CLIENT_HEADER DOMAIN CA TLS, "tls_client_auth_subject_dn: is missing"},
      {HEAD CLIENT_HEADER DOMAIN CA NAMED(DN ", tls_client_auth_san_dns: a.example"), "allowed: exactly one"},
      {HEAD CLIENT_HEADER DOMAIN SECRET("tls_client_auth_san_dns: a.example"),
       "tls_client_auth_san_dns: is not for client_secret_basic"},
      {HEAD CLIENT_HEADER DOMAIN SECRET("certificate_binding: required"), NULL},
      {HEAD DOMAIN SECRET("certificate_binding: allowed"), "certificate_binding: needs a proxy"},
      {HEAD CLIENT_HEADER DOMAIN SECRET("certificate_binding: off, "
                                        "tls_client_certificate_bound_access_tokens: true"),
       "contradicts tls_client_certificate_bound_access_tokens"},
      {HEAD CLIENT_HEADER DOMAIN SECRET("certificate_binding: required, dpop: required"), "keep one"},
      {HEAD DOMAIN "    mtls_url: https://tls.example/pay\n", "mtls_url: leads to no certificates"},
      {HEAD CLIENT_HEADER DOMAIN
       "    clients:\n      - {id: a, token_endpoint_auth_method: self_signed_tls_client_auth, " CRON,
       "jwks: is missing"},
      {HEAD "  client_certificate: {header: Authorization}\n" DOMAIN, "client_certificate.header"},
      {HEAD "  client_certificate: {header: \"Client Cert\"}\n" DOMAIN, "client_certificate.header"},
      {HEAD "  client_certificate: {format: pem}\n" DOMAIN, "header"},
      {HEAD "  client_certificate: {header: Client-Cert, from: [10.0.0.0/8]}\n" DOMAIN, "from[0]"},
      {HEAD "  client_certificate: {header: Client-Cert, from: [\"0:0::1\"]}\n" DOMAIN, "from[0]"},
      {HEAD "  client_certificate: {header: Client-Cert, from: [\"2001:db8::1\", 10.0.0.7]}\n" DOMAIN, NULL},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
    reads(*state, rows[i].text, rows[i].wanted);
}

static void the_proxy_is_beside_us_unless_said(void **state)
{
  config_t *config = NULL;
  builder_t said = arena_builder(*state, 4096);
  assert_int_equal(
      config_parse("f.yaml", BYTES_LITERAL(HEAD CLIENT_HEADER GATEWAY_HEADER DOMAIN), hear, &said, &config),
      ERR_NONE);
  assert_string_equal(config->client_certificate.name, "Client-Cert");
  assert_false(config->client_certificate.pem);
  assert_int_equal(config->client_certificate.from.count, 2);
  assert_string_equal(config->client_certificate.from.items[1], "::1");
  assert_true(config->gateway_certificate.pem);
  assert_int_equal(config->gateway_certificate.from.count, 0);
  assert_true(config->domains[0].certificates);
  config_free(config);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(rows_hang_together),
      UNIT_TEST(the_proxy_is_beside_us_unless_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
