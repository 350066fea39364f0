/* The configuration: one whole file, and what each wrong line of it must say. */
#include "unit.h"

#include "config/config.h"
#include "config/template.h"
#include "config/tree.h"

#define FIXTURE "tests/unit/data/full.yaml"
#define HOURS(n) ((int64_t)(n)*3600 * 1000)

typedef struct said {
  char text[65536];
  size_t len, lines;
} said_t;

static void hear(void *context, const char *line)
{
  said_t *said = context;
  int len = snprintf(said->text + said->len, sizeof said->text - said->len, "%s\n", line);
  assert_true(len > 0 && (size_t)len < sizeof said->text - said->len);
  said->len += (size_t)len;
  said->lines++;
}

static char *fixture(arena_t *arena)
{
  FILE *file = fopen(FIXTURE, "rb");
  assert_non_null(file);
  char *text = arena_alloc(arena, 32768);
  size_t len = fread(text, 1, 32767, file);
  fclose(file);
  text[len] = '\0';
  return text;
}

static char *replaced(arena_t *arena, const char *text, const char *from, const char *to)
{
  const char *at = strstr(text, from);
  if (at == NULL)
    fail_msg("the fixture does not contain %s", from);
  return arena_format(arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static config_t *accepted(const char *text)
{
  config_t *config = NULL;
  said_t said = {.len = 0};
  if (config_parse("f.yaml", bytes_of_string(text), hear, &said, &config) != ERR_NONE)
    fail_msg("refused: %s", said.text);
  assert_int_equal(said.lines, 0);
  return config;
}

static void refused(bytes_t text, said_t *said)
{
  config_t *config = NULL;
  *said = (said_t){.len = 0};
  assert_int_equal(config_parse("f.yaml", text, hear, said, &config), ERR_CONFIG);
  assert_null(config);
  assert_true(said->lines > 0);
}

static void a_whole_file_becomes_a_struct(void **state)
{
  said_t said = {.len = 0};
  config_t *config = NULL;
  if (config_load(FIXTURE, hear, &said, &config) != ERR_NONE)
    fail_msg("%s", said.text);
  assert_true(config->path[0] == '/' && config->directory[0] == '/');
  assert_int_equal(config->rp.origins.count, 2);
  assert_false(config->rp.invite_only);
  assert_int_equal(config->rp.session_idle_ms, HOURS(720));
  const config_domain_t *pay = config_find_domain(config, BYTES_LITERAL("pay"));
  const config_domain_t *coin = config_find_domain(config, BYTES_LITERAL("coin"));
  assert_non_null(pay);
  assert_non_null(coin);
  assert_null(config_find_domain(config, BYTES_LITERAL("pa")));
  assert_int_equal(pay->algorithm, -8);
  assert_int_equal(pay->entry.level, 1);
  assert_int_equal(pay->entry.max_age_ms, HOURS(12));
  assert_int_equal(coin->entry.kind, EVIDENCE_DOMAIN);
  assert_int_equal(coin->algorithm, -7);
  assert_string_equal(coin->name, "coin");
  assert_string_equal(coin->access_token_audience, coin->issuer);
  assert_string_equal(coin->internal_audience, "coin.internal");
  assert_int_equal(coin->internal_lifetime_ms, 60000);
  assert_int_equal(coin->internal_reuse_ms, 0);
  const config_scope_t *transfer = config_find_scope(pay, BYTES_LITERAL("transfer"));
  assert_string_equal(transfer->title_ja, "送金");
  assert_int_equal(transfer->requirement.max_age_ms, 300000);
  assert_int_equal(transfer->requirement.kind, EVIDENCE_DOMAIN);
  assert_true(requirement_is_none(config_find_scope(pay, BYTES_LITERAL("balance.read"))->requirement));
  assert_int_equal(pay->route_count, 4);
  assert_string_equal(pay->routes[1].method, "POST");
  assert_string_equal(pay->routes[1].pattern, "/transfers/{id}");
  assert_int_equal(pay->routes[1].requirement.level, 2);
  assert_true(pay->routes[3].public_route);
  assert_string_equal(pay->routes[2].method, "*");
  const config_client_t *client = config_find_client(pay, BYTES_LITERAL("pay-web"));
  assert_true(client->public_client);
  assert_int_equal(client->redirect_uris.count, 2);
  assert_string_equal(client->redirect_uris.items[1], "com.example.pay:/callback");
  assert_int_equal(client->scopes.count, 2);
  assert_int_equal(client->requirement.max_age_ms, HOURS(1));
  assert_int_equal(client->method, CLIENT_NONE);
  assert_int_equal(config_client_refresh_use(client), REFRESH_ALWAYS);
  config_free(config);
}

static void derived_files_lie_beside_the_file(void **state)
{
  char *text = fixture(*state);
  config_t *config = accepted(text);
  config->directory = "/srv/x";
  assert_string_equal(config_key_path(*state, config, "rp.key"), "/srv/x/keys/rp.key");
  assert_string_equal(config_run_path(*state, config, "a.sock"), "/srv/x/run/a.sock");
  config->authority_database = "/srv/x.y/authority.db";
  assert_string_equal(config_domain_database(*state, config, &config->domains[0]),
                      "/srv/x.y/authority-pay.db");
  config->authority_database = "/srv/x.y/tokens";
  assert_string_equal(config_domain_database(*state, config, &config->domains[0]), "/srv/x.y/tokens-pay");
  config->authority_database = "postgresql://db/x";
  assert_string_equal(config_domain_database(*state, config, &config->domains[0]),
                      "postgresql://db/x#sekisho_domain_pay");
  config_free(config);
}

static void what_is_not_used_yet_is_noted(void **state)
{
  static const char *const noted[] = {"trusts: "};
  config_t *config = accepted(fixture(*state));
  assert_int_equal(config->notes.count, ARRAY_LENGTH(noted));
  for (size_t i = 0; i < ARRAY_LENGTH(noted); i++) {
    bool found = false;
    for (size_t j = 0; j < config->notes.count; j++)
      found = found || strstr(config->notes.items[j], noted[i]) != NULL;
    if (!found)
      fail_msg("no note for %s", noted[i]);
  }
  config_free(config);
}

/* One change of the whole file, and what the one error says. */
typedef struct change {
  const char *from, *to;
  const char *says; /* NULL: still accepted */
} change_t;

static void assert_changes(arena_t *arena, const change_t *changes, size_t count)
{
  const char *whole = fixture(arena);
  for (size_t i = 0; i < count; i++) {
    const char *text = replaced(arena, whole, changes[i].from, changes[i].to);
    said_t said;
    if (changes[i].says == NULL) {
      config_free(accepted(text));
      continue;
    }
    refused(bytes_of_string(text), &said);
    if (strstr(said.text, changes[i].says) == NULL || said.lines != 1)
      fail_msg("%s -> %s: wanted one line with %s, got:\n%s", changes[i].from, changes[i].to, changes[i].says,
               said.text);
  }
}

static void ab_16_wrong_keys_and_values_name_their_line(void **state)
{
  static const change_t changes[] = {
      {"  name: Test House", "  nmae: Test House", "f.yaml:4: rp.nmae: unknown key, did you mean name?"},
      {"  name: Test House", "  xyzzy: 1", "f.yaml:4: rp.xyzzy: unknown key, allowed: id, name, origins"},
      {"  name: Test House", "  id: localhost", "f.yaml:4: rp.id: given twice, first on line 3"},
      {"  name: Test House", "  name: \"\"", "f.yaml:4: rp.name: is empty"},
      {"  name: Test House", "  name:", "f.yaml:4: rp.name: has no value"},
      {"  name: Test House", "  name: \"a\\tb\"", "f.yaml:4: rp.name: has control characters"},
      {"  name: Test House", "  name: [a]", "f.yaml:4: rp.name: has the wrong form"},
      {"  listen: 127.0.0.1:8080\n", "", "f.yaml:2: rp.listen: is missing"},
      {"  listen: 127.0.0.1:8080", "  listen: 8080", "f.yaml:6: rp.listen"},
      {"  listen: 127.0.0.1:8080", "  listen: 127.0.0.1:0", "f.yaml:6: rp.listen"},
      {"  listen: 127.0.0.1:8080", "  listen: 127.0.0.1:65536", "f.yaml:6: rp.listen"},
      {"  listen: 127.0.0.1:8080", "  listen: 127.0.0.1:8081",
       "f.yaml:15: authority.listen: 127.0.0.1:8081 is rp.listen"},
      {"registration: open", "registration: opne",
       "f.yaml:7: rp.registration: \"opne\" is not allowed, allowed: open, invite"},
      {"conformance: false", "conformance: no", "f.yaml:12: rp.conformance: \"no\" is not a truth value"},
      {"database: rp.db", "database: \"postgresql://a:b@db/rp\"",
       "f.yaml:13: rp.database: cannot be used, allowed: an address without a password"},
      {"database: rp.db", "database: file:rp.db", "f.yaml:13: rp.database: cannot be used, allowed: a path"},
      {"database: rp.db", "database: postgresql://db/rp?passfile=/root/.pgpass",
       "f.yaml:13: rp.database: names a file that the sandbox hides"},
      {"database: rp.db", "database: data/authority.db", "f.yaml:17: authority.database: is rp.database"},
      {"challenge_lifetime: 5m", "challenge_lifetime: 300",
       "f.yaml:11: rp.challenge_lifetime: \"300\" has no unit"},
      {"challenge_lifetime: 5m", "challenge_lifetime: 5 m", "is not a duration"},
      {"challenge_lifetime: 5m", "challenge_lifetime: -5m", "is not a duration"},
      {"challenge_lifetime: 5m", "challenge_lifetime: 1d", "is out of range, allowed: 10s to 30m"},
      {"idle: 30d, absolute: 90d", "idle: 30d, absolute: 29d",
       "f.yaml:10: rp.session.absolute: is shorter than idle"},
      {"id: pay\n", "id: Pay\n", "f.yaml:19: domains[0].id"},
      {"issuer: http://localhost:8081/coin", "profile: fapi2, issuer: http://localhost:8081/coin", NULL},
      {"issuer: http://localhost:8081/coin",
       "profile: fapi2, algorithm: RS256, issuer: http://localhost:8081/coin",
       "domains[1].algorithm: RS256 is not taken with profile: fapi2"},
      {"issuer: http://localhost:8081/coin",
       "profile: fapi2, clients: [{id: a, public: true, redirect_uris: [https://a.example/cb]}], issuer: "
       "http://localhost:8081/coin",
       "domains[1].clients[0].token_endpoint_auth_method: is not taken with profile: fapi2"},
      {"name: Pay House", "name: Pay House\n    profile: fapi1", "domains[0].profile: \"fapi1\" is not"},
      {"name: Pay House", "name: Pay House\n    require_pushed_authorization_requests: true", NULL},
      {"name: Pay House", "name: Pay House\n    gateway_session: true", NULL},
      {"external_url: http://localhost:9001", "gateway_session: true",
       "domains[0].gateway_session: needs the address that browsers see"},
      {"external_url: http://localhost:9001",
       "external_url: http://localhost:9001/shop\n    gateway_session: true",
       "domains[0].gateway_session: has a cookie of the whole host"},
      {"name: Pay House",
       "name: Pay House\n    gateway_session: true\n    require_pushed_authorization_requests: true",
       "domains[0].gateway_session: cannot push its requests"},
      {"name: Pay House", "id: pay2", "f.yaml:20: domains[0].id: given twice, first on line 19"},
  };
  assert_changes(*state, changes, ARRAY_LENGTH(changes));
}

static void ab_16_issuers_are_https_and_apart(void **state)
{
  static const change_t changes[] = {
      {"issuer: http://localhost:8081/pay", "issuer: https://pay.example", NULL},
      {"issuer: http://localhost:8081/pay", "issuer: http://127.0.0.1:8081/pay", NULL},
      {"issuer: http://localhost:8081/pay", "issuer: \"http://[::1]:8081/pay\"", NULL},
      {"issuer: http://localhost:8081/pay", "issuer: http://pay.example", "f.yaml:21: domains[0].issuer"},
      {"issuer: http://localhost:8081/pay", "issuer: https://pay.example/", "f.yaml:21: domains[0].issuer"},
      {"issuer: http://localhost:8081/pay", "issuer: https://pay.example?x=1",
       "f.yaml:21: domains[0].issuer"},
      {"issuer: http://localhost:8081/pay", "issuer: https://pay.example/#x", "f.yaml:21: domains[0].issuer"},
      {"issuer: http://localhost:8081/pay", "issuer: https://u@pay.example", "f.yaml:21: domains[0].issuer"},
      {"issuer: http://localhost:8081/pay", "issuer: https://Pay.example", "f.yaml:21: domains[0].issuer"},
      {"issuer: http://localhost:8081/pay", "issuer: https://pay.example/../x",
       "f.yaml:21: domains[0].issuer"},
      {"issuer: http://localhost:8081/pay", "issuer: https://pay.example/a%2fb",
       "f.yaml:21: domains[0].issuer"},
      {"issuer: http://localhost:8081/pay", "issuer: ftp://pay.example", "f.yaml:21: domains[0].issuer"},
      {"issuer: http://localhost:8081/pay", "issuer: https://", "f.yaml:21: domains[0].issuer"},
      {"issuer: http://localhost:8081/coin", "issuer: http://localhost:8081/pay",
       "f.yaml:66: domains[1].issuer"},
      {"issuer: http://localhost:8081/coin", "issuer: http://localhost:8081/pay/coin",
       "f.yaml:66: domains[1].issuer"},
      {"issuer: http://localhost:8081/coin", "issuer: http://localhost:8081", "f.yaml:66: domains[1].issuer"},
      {"issuer: http://localhost:8081/coin", "issuer: http://localhost:8081/pays", NULL},
      {"external_url: http://localhost:9001", "external_url: http://pay.example",
       "f.yaml:22: domains[0].external_url"},
  };
  assert_changes(*state, changes, ARRAY_LENGTH(changes));
}

static void origins_fit_the_rp_id(void **state)
{
  static const change_t changes[] = {
      {"\"http://localhost:8080\"", "\"http://app.localhost:8080\"", NULL},
      {"\"http://localhost:8080\"", "\"http://localhost:8080/\"", "f.yaml:5: rp.origins[0]"},
      {"\"http://localhost:8080\"", "\"http://127.0.0.1:8080\"", "f.yaml:5: rp.origins[0]"},
      {"\"http://localhost:8080\"", "\"http://app.example\"", "f.yaml:5: rp.origins[0]"},
      {"\"http://localhost:8080\"", "\"https://app.example\"",
       "f.yaml:5: rp.origins[0]: the pages' origin is not within"},
      {"\"http://localhost:8080\"", "\"http://localhost:80\"", "f.yaml:5: rp.origins[0]"},
      {"\"http://localhost:8080\"", "\"http://notlocalhost:8080\"", "f.yaml:5: rp.origins[0]"},
      {"\"http://localhost:8080\"", "\"*\"", "f.yaml:5: rp.origins[0]"},
      {"\"http://localhost:8080\"", "\"http://localhost:8080\", \"https://related.example\"", NULL},
      {"\"http://localhost:8080\"", "\"http://localhost:8080\", \"http://localhost:8080\"",
       "f.yaml:5: rp.origins[1]: is given twice"},
      {"\"http://localhost:8080\", ", "", "f.yaml:5: rp.origins: has no web origin"},
      {"-_AbCdE\"", "\"", "f.yaml:5: rp.origins[1]"},
      {"  id: localhost", "  id: 127.0.0.1", "f.yaml:3: rp.id"},
      {"  id: localhost", "  id: com", "f.yaml:3: rp.id"},
      {"  id: localhost", "  id: https://localhost", "f.yaml:3: rp.id"},
  };
  assert_changes(*state, changes, ARRAY_LENGTH(changes));
}

#define URI "redirect_uris: [http://localhost:9001/callback, com.example.pay:/callback]"

static void oa_06_oa_07_redirect_uris_are_absolute_and_safe(void **state)
{
  static const change_t changes[] = {
      {URI, "redirect_uris: [\"https://app.example/cb?x=1\"]", NULL},
      {URI, "redirect_uris: [\"http://127.0.0.1/cb\", \"http://[::1]:5000/cb\"]", NULL},
      {URI, "redirect_uris: []", "f.yaml:41: domains[0].clients[0].redirect_uris: has 0 entries"},
      {URI, "redirect_uris: [\"javascript:alert(1)\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"data:text/html,x\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"file:///etc/passwd\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"vbscript:x\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"http://app.example/cb\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"https://app.example/cb#x\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"https://app.example/cb#\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"com.example.app:/cb#x\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"myapp:/cb\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"https://*.example/cb\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"https://app.example@evil.example/cb\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"http://localhost.evil.example/cb\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"https://app.example\\\\@evil.example/\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"/cb\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"//app.example/cb\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"https:app.example/cb\"]", "redirect_uris[0]"},
      {URI, "redirect_uris: [\"https://app.example/a b\"]", "redirect_uris[0]"},
  };
  assert_changes(*state, changes, ARRAY_LENGTH(changes));
}

static void ab_12_clients_are_what_they_say(void **state)
{
  static const change_t changes[] = {
      {"        public: true\n", "", NULL}, /* token_endpoint_auth_method: none says it as well */
      {"        token_endpoint_auth_method: none\n", "", NULL},
      {"        public: true\n", "        public: false\n",
       "f.yaml:40: domains[0].clients[0].public: false needs a token_endpoint_auth_method"},
      {"auth_method: none", "auth_method: client_secret_basic",
       "f.yaml:40: domains[0].clients[0].public: true and token_endpoint_auth_method: client_secret_basic "
       "contradict each other"},
      {"auth_method: none", "auth_method: magic", "\"magic\" is not allowed, allowed: none"},
      {"        response_types: [code]", "        response_types: [token]", "response_types[0]"},
      {"grant_types: [authorization_code, refresh_token]", "grant_types: [refresh_token]", "f.yaml:44: "},
      {"grant_types: [authorization_code, refresh_token]", "grant_types: [authorization_code, password]",
       "grant_types[1]"},
      {"scope: openid transfer", "scope: openid nothing",
       "f.yaml:46: domains[0].clients[0].scope: \"nothing\" is no scope"},
      {"    scopes:\n", "    scopes:\n      openid: {acr: phr}\n",
       "domains[0].scopes.openid: is OpenID Connect's own"},
      {"    scopes:\n", "    scopes:\n      offline_access: {}\n",
       "domains[0].scopes.offline_access: is OpenID Connect's own"},
      {"alg: EdDSA", "alg: ES256",
       "id_token_signed_response_alg: is not the domain's algorithm, allowed: EdDSA"},
      {"        contacts: [ops@example.com]", "        dpop_bound_access_tokens: true", NULL},
      {"        contacts: [ops@example.com]", "        dpop: off\n        dpop_bound_access_tokens: true",
       "dpop: contradicts dpop_bound_access_tokens"},
      {"        contacts: [ops@example.com]", "        dpop: sometimes", "dpop: \"sometimes\" is not"},
      {"        contacts: [ops@example.com]", "        default_max_age: 300",
       "default_max_age: is not in this version"},
      {"        contacts: [ops@example.com]", "        client_name: Other",
       "client_name: says the same as name"},
      {"id: pay-web", "id: \"pay web\"", "f.yaml:38: domains[0].clients[0].id"},
      {"        contacts: [ops@example.com]\n",
       "      - {id: pay-web, public: true, redirect_uris: [https://a.example/]}\n",
       "f.yaml:50: domains[0].clients[1].id: \"pay-web\" is given twice"},
  };
  assert_changes(*state, changes, ARRAY_LENGTH(changes));
}

#define CONFIDENTIAL                                                                                         \
  "        public: true\n"                                                                                   \
  "        redirect_uris: [http://localhost:9001/callback, com.example.pay:/callback]\n"                     \
  "        post_logout_redirect_uris: [http://localhost:9001/]\n"                                            \
  "        token_endpoint_auth_method: none\n"                                                               \
  "        grant_types: [authorization_code, refresh_token]\n"
#define KEYED "        jwks: {keys: [{kty: EC, crv: P-256, x: AA, y: AA}]}\n"
#define URIS "        redirect_uris: [https://c.example/]\n"
#define SERVICE "        grant_types: [client_credentials]\n"
#define METHOD "        token_endpoint_auth_method: "

/* Exactly what the method needs, and for a grant what it needs. */
static void ab_12_confidential_clients_have_what_their_method_needs(void **state)
{
  static const change_t changes[] = {
      {CONFIDENTIAL, URIS METHOD "client_secret_basic\n        client_secret_file: a.secret\n", NULL},
      {CONFIDENTIAL, URIS METHOD "client_secret_post\n        client_secret_file: /a.secret\n", NULL},
      {CONFIDENTIAL, URIS METHOD "client_secret_basic\n",
       "client_secret_file: is missing, client_secret_basic"},
      {CONFIDENTIAL, URIS METHOD "client_secret_basic\n        client_secret_file: a.secret\n" KEYED,
       "jwks: is not for client_secret_basic"},
      {CONFIDENTIAL, URIS "        public: true\n        client_secret_file: a.secret\n",
       "client_secret_file: is not for public clients"},
      {CONFIDENTIAL, URIS, "token_endpoint_auth_method: is missing"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n" KEYED, NULL},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n" KEYED "        token_endpoint_auth_signing_alg: ES256\n",
       NULL},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n" KEYED "        token_endpoint_auth_signing_alg: HS256\n",
       "\"HS256\" is not allowed"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n" KEYED "        token_endpoint_auth_signing_alg: none\n",
       "\"none\" is not allowed"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n", "jwks: is missing, private_key_jwt"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n" KEYED "        jwks_uri: https://c.example/jwks\n",
       "jwks: and jwks_uri say the same, keep one"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n        jwks_uri: https://c.example/jwks\n", NULL},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n        jwks_uri: http://127.0.0.1:1/jwks\n", NULL},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n        jwks_uri: http://c.example/jwks\n",
       "jwks_uri: \"http://c.example/jwks\" is not allowed"},
      {CONFIDENTIAL,
       URIS METHOD
       "client_secret_basic\n        client_secret_file: a\n        jwks_uri: https://c.example/\n",
       "jwks_uri: is not for client_secret_basic"},
      {CONFIDENTIAL, URIS "        public: true\n        first_party: true\n", NULL},
      {CONFIDENTIAL, URIS "        public: true\n        first_party: true\n        third_party: true\n",
       "first_party: and third_party contradict each other"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n" KEYED "        first_party: true\n",
       "first_party: is for applications on people's devices"},
      {CONFIDENTIAL,
       URIS "        public: true\n        first_party: true\n"
            "        require_pushed_authorization_requests: true\n",
       "first_party: cannot push its requests"},
      {CONFIDENTIAL, URIS "        public: true\n        backchannel_logout_uri: https://c.example/out\n",
       NULL},
      {CONFIDENTIAL, URIS "        public: true\n        backchannel_logout_uri: http://c.example/out\n",
       "backchannel_logout_uri: \"http://c.example/out\" is not allowed"},
      {CONFIDENTIAL,
       METHOD "private_key_jwt\n" KEYED SERVICE "        backchannel_logout_uri: https://c.example/out\n",
       "backchannel_logout_uri: is only for clients with the grant authorization_code"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n        jwks: {keys: []}\n", "jwks: has no keys"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n        jwks: {kty: EC}\n", "jwks: has no keys"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n        jwks: {keys: [{crv: P-256}]}\n",
       "jwks.keys[0]: is no key"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n        jwks: {keys: [{kty: EC, d: AA}]}\n",
       "jwks.keys[0]: has a private or secret member"},
      {CONFIDENTIAL, URIS METHOD "private_key_jwt\n        jwks: {keys: [{kty: oct, k: AA}]}\n",
       "jwks.keys[0]: has a private or secret member"},
      {CONFIDENTIAL, METHOD "private_key_jwt\n" KEYED SERVICE, NULL},
      {CONFIDENTIAL, METHOD "private_key_jwt\n" KEYED SERVICE URIS,
       "redirect_uris: is only for clients with"},
      {CONFIDENTIAL, METHOD "private_key_jwt\n" KEYED, "redirect_uris: is missing"},
      {CONFIDENTIAL, "        public: true\n" SERVICE, "grant_types: has client_credentials, which a public"},
  };
  assert_changes(*state, changes, ARRAY_LENGTH(changes));
}

static void ab_12_a_client_of_its_own_says_its_scope(void **state)
{
  static const change_t changes[] = {
      {"    clients:\n",
       "    clients:\n      - {id: cron, token_endpoint_auth_method: client_secret_basic, "
       "client_secret_file: a, grant_types: [client_credentials], scope: balance.read}\n",
       NULL},
      {"    clients:\n",
       "    clients:\n      - {id: cron, token_endpoint_auth_method: client_secret_basic, "
       "client_secret_file: a, grant_types: [client_credentials]}\n",
       "f.yaml:38: domains[0].clients[0].scope: is missing, client_credentials needs it"},
  };
  assert_changes(*state, changes, ARRAY_LENGTH(changes));
}

static void ab_12_a_thousand_redirect_uris_are_refused(void **state)
{
  builder_t list = arena_builder(*state, 65536);
  said_t said;
  builder_add_string(&list, "redirect_uris: [");
  for (int i = 0; i < 1000; i++)
    builder_add_string(&list, i == 0 ? "https://a.example/" : ", https://a.example/");
  builder_add_string(&list, "]");
  builder_add_u8(&list, 0);
  refused(bytes_of_string(replaced(*state, fixture(*state), URI, (char *)list.data)), &said);
  assert_non_null(strstr(said.text, "has 1000 entries, allowed: 1 to 32"));
}

static void requirements_only_name_what_is_known(void **state)
{
  static const change_t changes[] = {
      {"entry: {acr: phr, max_age: 12h}", "entry: {acr: phx, max_age: 12h}",
       "f.yaml:25: domains[0].entry.acr: level \"phx\" is unknown, allowed: urn:sekisho:acr:presence, phr, "
       "phrh"},
      {"entry: {acr: phr, max_age: 12h}", "entry: {acr: phr, max_age: 12}",
       "f.yaml:25: domains[0].entry.max_age"},
      {"entry: {acr: phr, max_age: 12h}", "entry: {acr: phr, max_age: 0s}",
       "f.yaml:25: domains[0].entry.max_age"},
      {"max_age: 10m, evidence: domain", "max_age: 10m, evidence: proven",
       "f.yaml:66: domains[1].entry.evidence: \"proven\" is not allowed, allowed: any, domain, verified"},
      {"balance.read: {}", "balance.read:", NULL},
      {"balance.read: {}", "balance.read: {acr: nope}",
       "f.yaml:28: domains[0].scopes.balance.read.acr: level \"nope\""},
      {"      balance.read: {}", "      \"balance read\": {}\n      balance.read: {}", "f.yaml:28: "},
      {"lifetime: 10m", "lifetime: 9s", "allowed: 10s to 1d"},
      {"lifetime: 10m", "lifetime: 25h", "allowed: 10s to 1d"},
      {"lifetime: 60s", "lifetime: 6m", "f.yaml:36: domains[0].internal_token.lifetime"},
      {"reuse: 10s", "reuse: 60s",
       "f.yaml:36: domains[0].internal_token.reuse: is not shorter than lifetime"},
  };
  assert_changes(*state, changes, ARRAY_LENGTH(changes));
}

static void routes_hold_together(void **state)
{
  static const change_t changes[] = {
      {"match: GET /health", "match: GET /health/", NULL},
      {"match: GET /health", "match: GET /", NULL},
      {"match: GET /health", "match: GET health", "routes[3].match"},
      {"match: GET /health", "match: get /health", "routes[3].match"},
      {"match: GET /health", "match: \"GET  /health\"", "routes[3].match"},
      {"match: GET /health", "match: GET /a//b", "routes[3].match"},
      {"match: GET /health", "match: GET /a/../b", "routes[3].match"},
      {"match: GET /health", "match: GET /a%2fb", "routes[3].match"},
      {"match: GET /health", "match: GET /a?x=1", "routes[3].match"},
      {"match: GET /health", "match: GET /**/a", "routes[3].match"},
      {"match: GET /health", "match: \"GET /a{x}\"", "routes[3].match"},
      {"match: GET /health", "match: \"GET /{}\"", "routes[3].match"},
      {"match: GET /health", "match: GET /balance",
       "f.yaml:34: domains[0].routes[3].match: \"GET /balance\" is on line 31"},
      {"match: GET /health", "match: \"POST /transfers/{other}\"", "f.yaml:34: domains[0].routes[3].match"},
      {"public: true}", "public: true, scopes: [transfer]}",
       "f.yaml:34: domains[0].routes[3].scopes: a public route"},
      {"public: true}", "public: true, acr: phr}", "f.yaml:34: domains[0].routes[3].acr: a public route"},
      {"scopes: [transfer], service", "scopes: [transfers], service",
       "\"transfers\" is no scope of this domain"},
      {"service: ledger, grants", "service: ledgr, grants", "routes[0].service: \"ledgr\" is no service"},
      {"grants: [ledger.read]}", "grants: [ledger.burn]}",
       "routes[0].grants[0]: \"ledger.burn\" is not offered"},
      {"scopes: []}", "scopes: [], grants: [x]}", "routes[2].grants: has no service"},
  };
  assert_changes(*state, changes, ARRAY_LENGTH(changes));
}

#define NAME_OF_63 "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-abcdefghi"
#define GRANTS_OF_256 NAME_OF_63 ", " NAME_OF_63 ", " NAME_OF_63 ", " NAME_OF_63

static void grants_fit_into_one_header_field(void **state)
{
  static const char four[] = GRANTS_OF_256 ", " GRANTS_OF_256 ", " GRANTS_OF_256 ", " GRANTS_OF_256;
  const char *to = arena_format(*state, "grants: [%s]}", four);
  said_t said;
  refused(bytes_of_string(replaced(*state, fixture(*state), "grants: [ledger.read]}", to)), &said);
  assert_non_null(strstr(said.text, "routes[0].grants: are 1024 bytes in all, allowed: 1000"));
}

static void services_and_trusts_hold_together(void **state)
{
  static const change_t changes[] = {
      {"{ledger: [ledger.write]}", "{vault: [ledger.write]}",
       "f.yaml:54: domains[0].services[0].offers.payments.charge.vault"},
      {"{ledger: [ledger.write]}", "{ledger: [ledger.burn]}", "is not offered by ledger"},
      {"own: {ledger: [ledger.read]}", "own: {ledger: []}", "own.ledger: has 0 entries"},
      {"id: nightly", "id: ledger", "f.yaml:58: domains[0].services[2].id: is given twice"},
      {"claims: {sub: nightly}", "claims: {}", "is empty and would match every workload"},
      {"- {issuer: https://workloads.example, audience: pay, jwks_file: workloads.jwks}",
       "- {issuer: https://workloads.example, audience: pay}", "allowed: jwks_file or jwks_uri"},
      {"domain: coin, scopes", "domain: pay, scopes", "trusts[0].domain: is this domain itself"},
      {"domain: coin, scopes", "domain: gold, scopes", "trusts[0].domain: is no domain of this file"},
      {"max_acr: phr}\n      - {issuer", "max_acr: phx}\n      - {issuer",
       "trusts[0].max_acr: level \"phx\""},
      {"jwks_uri: https://partner.example/jwks, ", "", "trusts[1].jwks_uri: is missing"},
      {"id: coin,", "id: pay,", "f.yaml:66: domains[1].id: \"pay\" is given twice"},
  };
  const char *whole = fixture(*state);
  /* The last one also takes away the domain that a trust names. */
  assert_changes(*state, changes, ARRAY_LENGTH(changes) - 1);
  said_t said;
  const change_t *last = &changes[ARRAY_LENGTH(changes) - 1];
  refused(bytes_of_string(replaced(*state, whole, last->from, last->to)), &said);
  assert_non_null(strstr(said.text, last->says));
}

static void a_page_of_the_domains_own_is_of_its_own_host(void **state)
{
  static const change_t changes[] = {
      {"{id: coin,", "{id: coin, binding: bound_key,", "domains[1].binding: needs a page that says what"},
      {"{id: coin,", "{id: coin, origin: 'http://localhost:8080',",
       "domains[1].origin: is the login server's"},
      {"{id: coin,", "{id: coin, origin: 'http://localhost:9009/page',", "domains[1].origin: "},
      {"{id: coin,", "{id: coin, origin: 'http://coin.example',", "domains[1].origin: "},
      {"{id: coin,", "{id: coin, origin: 'android:apk-key-hash:BbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE',",
       "domains[1].origin: has no pages"},
  };
  assert_changes(*state, changes, ARRAY_LENGTH(changes));
  config_t *config = accepted(replaced(*state, fixture(*state), "{id: coin,",
                                       "{id: coin, binding: bound_key, origin: 'http://localhost:9009',"));
  const config_domain_t *coin = config_find_domain(config, BYTES_LITERAL("coin"));
  assert_non_null(coin);
  assert_int_equal(coin->binding, BINDING_BOUND_KEY);
  assert_string_equal(coin->origin, "http://localhost:9009");
  config_free(config);
}

static void levels_can_be_replaced(void **state)
{
  static const char bronze_gold[] = "levels:\n"
                                    "  - {name: bronze}\n"
                                    "  - {name: phr, user_verified: true}\n"
                                    "  - {name: phrh, user_verified: true, device_bound: true}\n"
                                    "domains:\n";
  char *text = replaced(*state, fixture(*state), "domains:\n", bronze_gold);
  config_t *config = accepted(text);
  assert_int_equal(config->levels.count, 3);
  assert_string_equal(config->levels.levels[0].name, "bronze");
  assert_false(config->levels.levels[2].attested_hardware);
  config_free(config);
  said_t said;
  refused(bytes_of_string(replaced(*state, text, "phrh, user_verified: true", "phrh, user_verified: false")),
          &said);
  assert_non_null(strstr(said.text, "f.yaml:21: levels[2]: \"phrh\" asks for less than \"phr\" before it"));
  refused(bytes_of_string(replaced(*state, text, "name: bronze", "name: phr")), &said);
  assert_non_null(strstr(said.text, "\"phr\" is given twice"));
  /* A domain without entry falls back to phr, which must be there. */
  char *other = replaced(*state, text, "name: phr, user", "name: silver, user");
  refused(bytes_of_string(other), &said);
  assert_non_null(strstr(said.text, "level \"phr\" is unknown, allowed: bronze, silver, phrh"));
}

static void all_errors_come_at_once_in_order(void **state)
{
  said_t said;
  char *text = replaced(*state, fixture(*state), "registration: open", "registration: shut");
  text = replaced(*state, text, "id: pay-web", "id: pay/web");
  text = replaced(*state, text, "max_age: 12h", "max_age: 12");
  refused(bytes_of_string(text), &said);
  assert_int_equal(said.lines, 3);
  const char *first = strstr(said.text, "f.yaml:7:"), *second = strstr(said.text, "f.yaml:25:"),
             *third = strstr(said.text, "f.yaml:38:");
  assert_true(first != NULL && second != NULL && third != NULL && first < second && second < third);
}

static void yaml_tricks_are_refused(void **state)
{
  static const struct {
    bytes_t text;
    const char *says;
  } rows[] = {
      {BYTES_LITERAL(""), "f.yaml:1: the file is empty"},
      {BYTES_LITERAL("- a\n"), "f.yaml:1: file: has the wrong form"},
      {BYTES_LITERAL("a: &x 1\nb: *x\n"), "f.yaml:1: anchors"},
      {BYTES_LITERAL("a: 1\nb: *x\n"), "f.yaml:2: anchors"},
      {BYTES_LITERAL("a: !!str 1\n"), "f.yaml:1: anchors"},
      {BYTES_LITERAL("<<: {a: 1}\n"), "f.yaml:1: <<: unknown key"},
      {BYTES_LITERAL("a: 1\n---\nb: 1\n"), "f.yaml:2: a second document"},
      {BYTES_LITERAL("? [a]\n: 1\n"), "f.yaml:1: a key must be"},
      {BYTES_LITERAL("rp:\n\tid: x\n"), "f.yaml:2: not YAML"},
      {BYTES_LITERAL("rp: {id: [\n"), "not YAML"},
      {BYTES_LITERAL("\xff\xfer\0p\0"), "f.yaml:1: not text in UTF-8"},
      {BYTES_LITERAL("rp: \"\\0\"\n"), "f.yaml:1: not UTF-8 text"},
      {BYTES_LITERAL("a: [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]\n"), "f.yaml:1: nested deeper"},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    said_t said;
    refused(rows[i].text, &said);
    if (strstr(said.text, rows[i].says) == NULL)
      fail_msg("wanted %s, got %s", rows[i].says, said.text);
  }
}

static void size_is_bounded(void **state)
{
  said_t said;
  size_t len = TREE_BYTES_MAX + 1;
  char *text = test_malloc(len);
  memset(text, '#', len);
  refused(bytes_of(text, len), &said);
  assert_non_null(strstr(said.text, "larger than 1 MiB"));
  for (size_t i = 0; i + 2 < len; i += 2)
    memcpy(text + i, "a,", 2);
  memcpy(text, "a: [", 4);
  refused(bytes_of(text, len - 1), &said);
  assert_non_null(strstr(said.text, "more than 100000 values"));
  for (size_t i = 0; i < 2000; i++)
    snprintf(text + i * 8, 9, "%05zu: \n", i);
  refused(bytes_of(text, 16000), &said);
  assert_non_null(strstr(said.text, "f.yaml:1001: more than 1000 keys in one map"));
  memset(text, '*', 30000); /* ten thousand errors are counted, not listed */
  memcpy(text, "rp: {origins: [", 15);
  for (size_t i = 15; i + 2 < 30000; i += 2)
    memcpy(text + i, "x,", 2);
  memcpy(text + 29999 - 2, "]}", 2);
  refused(bytes_of(text, 29999), &said);
  assert_int_equal(said.lines, 201);
  assert_non_null(strstr(said.text, " more errors"));
  test_free(text);
}

static void a_file_that_cannot_be_read_says_so(void **state)
{
  said_t said = {.len = 0};
  config_t *config = NULL;
  assert_int_equal(config_load("tests/unit/data/absent.yaml", hear, &said, &config), ERR_CONFIG);
  assert_non_null(strstr(said.text, "absent.yaml:1: file: cannot be read (No such file"));
  said = (said_t){.len = 0};
  assert_int_equal(config_load("tests/unit", hear, &said, &config), ERR_CONFIG);
  assert_int_equal(said.lines, 1);
  said = (said_t){.len = 0};
  assert_int_equal(config_load("/dev/zero", hear, &said, &config), ERR_CONFIG);
}

static void the_template_passes(void **state)
{
  static const char *const rp_ids[] = {"localhost", "login.example.com"};
  for (size_t i = 0; i < ARRAY_LENGTH(rp_ids); i++) {
    char *text = config_template_build(*state, rp_ids[i], 8080);
    assert_non_null(text);
    config_t *config = accepted(text);
    assert_int_equal(config->domain_count, 2);
    assert_int_equal(config->notes.count, 0);
    assert_string_equal(config->authority_internal, "127.0.0.1:8082");
    config_free(config);
  }
  assert_null(strstr(config_template_build(*state, "login.example.com", 8080), "http://"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(a_whole_file_becomes_a_struct),
      UNIT_TEST(derived_files_lie_beside_the_file),
      UNIT_TEST(what_is_not_used_yet_is_noted),
      UNIT_TEST(ab_16_wrong_keys_and_values_name_their_line),
      UNIT_TEST(ab_16_issuers_are_https_and_apart),
      UNIT_TEST(origins_fit_the_rp_id),
      UNIT_TEST(oa_06_oa_07_redirect_uris_are_absolute_and_safe),
      UNIT_TEST(ab_12_clients_are_what_they_say),
      UNIT_TEST(ab_12_confidential_clients_have_what_their_method_needs),
      UNIT_TEST(ab_12_a_client_of_its_own_says_its_scope),
      UNIT_TEST(ab_12_a_thousand_redirect_uris_are_refused),
      UNIT_TEST(requirements_only_name_what_is_known),
      UNIT_TEST(routes_hold_together),
      UNIT_TEST(grants_fit_into_one_header_field),
      UNIT_TEST(services_and_trusts_hold_together),
      UNIT_TEST(a_page_of_the_domains_own_is_of_its_own_host),
      UNIT_TEST(levels_can_be_replaced),
      UNIT_TEST(all_errors_come_at_once_in_order),
      UNIT_TEST(yaml_tricks_are_refused),
      UNIT_TEST(size_is_bounded),
      UNIT_TEST(a_file_that_cannot_be_read_says_so),
      UNIT_TEST(the_template_passes),
  };
  return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
