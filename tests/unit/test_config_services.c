/* Services and whose workload tokens are believed: rules that are wider than they look are refused. */
#include "unit.h"

#include "config/config.h"

#define HEAD                                                                                                 \
  "rp: {id: localhost, origins: [\"http://localhost:8080\"], listen: \"127.0.0.1:8080\"}\n"                  \
  "authority:\n  listen: 127.0.0.1:8081\n  internal: 127.0.0.1:8082\n"                                       \
  "domains:\n  - id: pay\n    issuer: http://localhost:8081/pay\n    entry: {acr: phr}\n"
#define K8S "https://kubernetes.default.svc"
#define GITHUB "https://token.actions.githubusercontent.com"
#define ISSUERS(audience)                                                                                    \
  "    workload_issuers: [{issuer: \"" K8S "\", audience: \"" audience "\", jwks_file: a.jwks}]\n"
#define SERVICE(identity, more)                                                                              \
  "    services:\n      - {id: a, identity: {issuer: \"" K8S "\", " identity "}" more "}\n"

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

static void rules_say_what_they_mean(void **state)
{
  static const struct {
    const char *text, *wanted;
  } rows[] = {
      {HEAD ISSUERS("pay") SERVICE("claims: {sub: x}", ""), NULL},
      {HEAD ISSUERS("pay") SERVICE("claims: {kubernetes.io/namespace: x}, claims_prefix: {sub: \"x:\"}", ""),
       NULL},
      {HEAD ISSUERS("pay") SERVICE("claims: {}", ""), "would match every workload"},
      {HEAD ISSUERS("pay") SERVICE("claims_prefix: {sub: x}", ""), "claims: is missing"},
      {HEAD ISSUERS("pay") SERVICE("claims: {sub: \"repo:org/*\"}", ""), "no wildcard here"},
      {HEAD ISSUERS("pay") SERVICE("claims: {sub: x}, claims_prefix: {ref: \"*\"}", ""), "no wildcard here"},
      {HEAD ISSUERS("pay") SERVICE("claims: {sub: x}", ", own: {b: [c]}"), "is no service"},
      {HEAD ISSUERS("pay") SERVICE("claims: {sub: x}", ", offers: {c: {a: [d]}}"), "is not offered by a"},
      {HEAD ISSUERS("pay") SERVICE("claims: {sub: x}", ", offers: {c: {a: [d]}, d: {}}"), NULL},
      {HEAD SERVICE("claims: {sub: x}", ""), "is no workload issuer"},
      {HEAD ISSUERS(K8S), "tokens of this platform have by default"},
      {HEAD ISSUERS(K8S ".cluster.local"), "tokens of this platform have by default"},
      {HEAD "    workload_issuers: [{issuer: \"" GITHUB
            "\", audience: \"https://github.com/octo\", jwks_file: a}]\n",
       "tokens of this platform have by default"},
      {HEAD "    workload_issuers: [{issuer: \"http://k8s.example\", audience: pay, jwks_file: a}]\n",
       "issuer"},
      {HEAD "    workload_issuers: [{issuer: \"" K8S "\", audience: pay}]\n", "jwks_file or jwks_uri"},
      {HEAD "    workload_issuers: [{issuer: \"" K8S
            "\", audience: pay, jwks_uri: \"http://k8s.example/jwks\"}]\n",
       "jwks_uri"},
      {HEAD "    workload_issuers: [{issuer: \"" K8S "\", audience: pay, jwks_file: a, max_lifetime: 30d}]\n",
       "max_lifetime"},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
    reads(*state, rows[i].text, rows[i].wanted);
}

static void services_are_read(void **state)
{
  config_t *config = NULL;
  builder_t said = arena_builder(*state, 4096);
  bytes_t text = BYTES_LITERAL(HEAD ISSUERS("pay") SERVICE(
      "claims: {sub: x}, claims_prefix: {ref: r}", ", offers: {c: {a: [d, c]}, d: {}}, own: {a: [d]}"));
  assert_int_equal(config_parse("f.yaml", text, hear, &said, &config), ERR_NONE);
  const config_service_t *service = config_find_service(&config->domains[0], BYTES_LITERAL("a"));
  assert_non_null(service);
  assert_null(config_find_service(&config->domains[0], BYTES_LITERAL("b")));
  assert_int_equal(service->rule_count, 2);
  assert_false(service->rules[0].prefix);
  assert_true(service->rules[1].prefix);
  const config_offer_t *offer = config_find_offer(service, BYTES_LITERAL("c"));
  assert_int_equal(offer->ask_count, 1);
  assert_string_equal(offer->asks[0].service, "a");
  assert_int_equal(offer->asks[0].scopes.count, 2);
  assert_int_equal(service->own[0].scopes.count, 1);
  assert_int_equal(config->domains[0].workload_issuers[0].max_lifetime_ms, (int64_t)24 * 3600 * 1000);
  assert_non_null(strstr(config->domains[0].workload_issuers[0].jwks_file, "/a.jwks"));
  config_free(config);
}

int main(void)
{
  const struct CMUnitTest tests[] = {UNIT_TEST(rules_say_what_they_mean), UNIT_TEST(services_are_read)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
