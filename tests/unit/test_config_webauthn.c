/* What the configuration says about ceremonies and authenticators: a file with all of it, and what each wrong
 * line must say. */
#include "unit.h"

#include "config/config.h"

#define HEAD                                                                                                 \
  "rp:\n  id: localhost\n  origins: [\"http://localhost:8080\"]\n  listen: 127.0.0.1:8080\n"                 \
  "authority: {listen: \"127.0.0.1:8081\", internal: \"127.0.0.1:8082\"}\n"
#define DOMAIN "domains: [{id: pay, issuer: \"http://localhost:8081/pay\"}]\n"
#define KEY "ee882879-721c-4913-9775-3dfcce97072a"
#define PRINT                                                                                                \
  "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

static const char whole[] =
    "rp:\n"
    "  id: localhost\n"
    "  origins: [\"http://localhost:8080\"]\n"
    "  listen: 127.0.0.1:8080\n"
    "  algorithms: [ES256, ES256K, Ed448]\n"
    "  attestation_formats: [packed, tpm]\n"
    "  authenticators: {allow: [" KEY
    "], certification: L2, attestation: [basic, attca], require_metadata: true}\n"
    "  metadata: {file: mds/blob.jwt, roots: mds/root.pem, refresh: 1h, stale: refuse}\n"
    "  sign_count: alert\n"
    "  backup: {eligible: refuse, change: refuse}\n"
    "  create: {hints: [security-key], attachment: cross-platform, resident_key: preferred, timeout: 1m}\n"
    "  get: {user_verification: required}\n"
    "  extensions: {cred_protect: userVerificationRequired, cred_protect_enforced: true, unsolicited: "
    "refuse}\n"
    "  cross_origin: {allow: true, top_origins: [\"https://shop.example\"]}\n"
    "  apps:\n"
    "    android: [{package: com.example.pay, sha256_cert_fingerprints: [\"" PRINT "\"]}]\n"
    "    apple: [A1B2C3D4E5.com.example.pay]\n"
    "authority: {listen: \"127.0.0.1:8081\", internal: \"127.0.0.1:8082\"}\n"
    "levels:\n"
    "  - {name: any}\n"
    "  - {name: high, user_verified: true, authenticators: {certification: L1}}\n"
    "domains:\n"
    "  - {id: pay, issuer: \"http://localhost:8081/pay\", entry: {acr: any}, authenticators: {deny: [" KEY
    "]}}\n";

static void hear(void *context, const char *line)
{
  builder_t *said = context;
  builder_add_string(said, line);
  builder_add_string(said, "\n");
}

/* NULL with what was said in said. */
static config_t *parse(arena_t *arena, const char *text, const char **ret_said)
{
  config_t *config = NULL;
  builder_t said = arena_builder(arena, 8192);
  error_code_t code = config_parse("/srv/f.yaml", bytes_of_string(text), hear, &said, &config);
  builder_add_u8(&said, 0);
  *ret_said = (const char *)said.data;
  assert_int_equal(code, config != NULL ? ERR_NONE : ERR_CONFIG);
  return config;
}

static config_t *accepted(arena_t *arena, const char *text)
{
  const char *said;
  config_t *config = parse(arena, text, &said);
  if (config == NULL)
    fail_msg("refused: %s", said);
  return config;
}

static void a_whole_file_becomes_a_struct(void **state)
{
  config_t *config = accepted(*state, whole);
  const config_rp_t *rp = &config->rp;
  assert_int_equal(rp->algorithms.count, 3);
  assert_string_equal(rp->algorithms.items[1], "ES256K");
  assert_int_equal(rp->attestation_formats.count, 2);
  assert_int_equal(rp->authenticators.allow_count, 1);
  assert_int_equal(rp->authenticators.allow[0].bytes[0], 0xee);
  assert_int_equal(rp->authenticators.certification, CERTIFICATION_L2);
  assert_int_equal(rp->authenticators.vouching, (1 << VOUCHING_BASIC) | (1 << VOUCHING_ATT_CA));
  assert_true(rp->require_metadata && rp->refuse_compromised_logins);
  assert_string_equal(rp->metadata.file, "/srv/mds/blob.jwt");
  assert_string_equal(rp->metadata.roots, "/srv/mds/root.pem");
  assert_int_equal(rp->metadata.refresh_ms, 3600 * 1000);
  assert_true(rp->metadata.refuse_stale);
  assert_true(rp->sign_count_alert && rp->refuse_backup_eligible && rp->refuse_backup_change);
  assert_string_equal(rp->create.hints.items[0], "security-key");
  assert_string_equal(rp->create.attachment, "cross-platform");
  assert_string_equal(rp->create.resident_key, "preferred");
  assert_int_equal(rp->create.timeout_ms, 60000);
  assert_string_equal(rp->get.user_verification, "required");
  assert_int_equal(rp->get.timeout_ms, 300000);
  assert_int_equal(rp->extensions.cred_protect, 3);
  assert_true(rp->extensions.cred_protect_enforced && rp->extensions.refuse_unsolicited);
  assert_true(rp->allow_cross_origin);
  assert_string_equal(rp->top_origins.items[0], "https://shop.example");
  assert_int_equal(rp->android_app_count, 1);
  assert_string_equal(rp->android_apps[0].package, "com.example.pay");
  assert_string_equal(rp->apple_apps.items[0], "A1B2C3D4E5.com.example.pay");
  assert_int_equal(config->levels.levels[1].authenticators.certification, CERTIFICATION_L1);
  assert_int_equal(config->domains[0].authenticators.deny_count, 1);
  config_free(config);
}

static void what_is_left_out_is_the_usual(void **state)
{
  config_t *config = accepted(*state, HEAD DOMAIN);
  const config_rp_t *rp = &config->rp;
  assert_int_equal(rp->algorithms.count, 4);
  assert_string_equal(rp->algorithms.items[0], "ES256");
  assert_string_equal(rp->create.resident_key, "required");
  assert_null(rp->create.attachment);
  assert_false(rp->conformance || rp->allow_cross_origin || rp->conditional_create || rp->require_metadata);
  assert_true(rp->extensions.cred_props && rp->extensions.prf && rp->extensions.large_blob);
  assert_false(rp->sign_count_alert || rp->refuse_backup_eligible || rp->refuse_backup_change);
  assert_true(authenticator_rule_is_empty(&rp->authenticators));
  assert_null(rp->metadata.file);
  assert_null(rp->metadata.roots);
  config_free(config);
}

static void conformance_offers_what_the_tools_test(void **state)
{
  const char *text = arena_format(*state, "%s%s", HEAD, DOMAIN), *at = strstr(text, "authority:");
  config_t *config =
      accepted(*state, arena_format(*state, "%.*s  conformance: true\n%s", (int)(at - text), text, at));
  assert_int_equal(config->rp.algorithms.count, 13);
  assert_string_equal(config->rp.algorithms.items[0], "ES256");
  assert_string_equal(config->rp.algorithms.items[12], "RS1");
  config_free(config);
}

/* Lines put behind rp's last one, and what the one error says; NULL: accepted. */
typedef struct addition {
  const char *lines, *says;
} addition_t;

static void each_wrong_line_says_so(void **state)
{
  static const addition_t additions[] = {
      {"  algorithms: [ES257]\n", "rp.algorithms[0]: \"ES257\" is not allowed"},
      {"  algorithms: [RS1]\n", "rp.algorithms: RS1 signs with SHA-1"},
      {"  algorithms: [RS1]\n  conformance: true\n", NULL},
      {"  authenticators: {allow: [x]}\n", "rp.authenticators.allow[0]"},
      {"  authenticators: {certification: L4}\n", "rp.authenticators.certification"},
      {"  authenticators: {attestation: [full]}\n", "rp.authenticators.attestation[0]"},
      {"  authenticators: {require_metadata: true}\n", "require_metadata: needs rp.metadata"},
      {"  metadata: {file: x}\n", "rp.metadata.roots: is missing"},
      {"  metadata: {file: x, url: \"https://mds.example/\", roots: r}\n",
       "rp.metadata.url: stands beside file"},
      {"  metadata: {url: \"http://mds.example/\", roots: r}\n", "rp.metadata.url"},
      {"  metadata: {url: \"http://127.0.0.1:9/\", roots: r}\n", NULL},
      {"  metadata: {statements: s}\n", NULL},
      {"  create: {timeout: 6m}\n", "rp.create.timeout: is longer than rp.challenge_lifetime"},
      {"  get: {timeout: 6m}\n", "rp.get.timeout: is longer than rp.challenge_lifetime"},
      {"  extensions: {cred_protect_enforced: true}\n", "cred_protect_enforced: enforces no policy"},
      {"  cross_origin: {top_origins: [\"https://a.example\"]}\n", "top_origins: does nothing here"},
      {"  apps: {apple: [pay]}\n", "rp.apps.apple[0]"},
      {"  apps: {apple: [a1B2C3D4E5.x]}\n", "rp.apps.apple[0]"},
      {"  apps: {android: [{package: pay, sha256_cert_fingerprints: [\"" PRINT "\"]}]}\n",
       "rp.apps.android[0].package"},
      {"  apps: {android: [{package: com.pay, sha256_cert_fingerprints: [\"00:11\"]}]}\n",
       "sha256_cert_fingerprints[0]"},
      {"  apps: {android: [{package: com.pay}]}\n", "sha256_cert_fingerprints: is missing"},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(additions); i++) {
    const char *said, *text = arena_format(*state, "%s%s%s", HEAD, "", DOMAIN);
    const char *at = strstr(text, "authority:");
    text = arena_format(*state, "%.*s%s%s", (int)(at - text), text, additions[i].lines, at);
    config_t *config = parse(*state, text, &said);
    bool as_expected = additions[i].says == NULL ? config != NULL
                                                 : config == NULL && strstr(said, additions[i].says) != NULL;
    if (!as_expected)
      fail_msg("%s: got %s", additions[i].lines, said);
    config_free(config);
  }
}

/* CASES: FC rows hold in conformance mode, and conformance mode nowhere that matters. */
static void conformance_is_not_for_public_origins(void **state)
{
  static const struct {
    const char *id, *origin;
    bool taken;
  } cases[] = {
      {"localhost", "http://localhost:8080", true},
      {"localhost", "http://app.localhost:8080", true},
      {"rp.test", "https://rp.test", true},
      {"rp.test", "https://login.rp.test", true},
      {"rp.example", "https://rp.example", false},
      {"contest.example", "https://contest.example", false},
      {"localhost", "http://localhost:8080\", \"https://rp.example", false},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
    const char *said;
    const char *text =
        arena_format(*state,
                     "rp:\n  id: %s\n  origins: [\"%s\"]\n  listen: 127.0.0.1:8080\n  conformance: true\n"
                     "authority: {listen: \"127.0.0.1:8081\", internal: \"127.0.0.1:8082\"}\n%s",
                     cases[i].id, cases[i].origin, DOMAIN);
    config_t *config = parse(*state, text, &said);
    if ((config != NULL) != cases[i].taken)
      fail_msg("%s: %s", cases[i].origin, said);
    if (config == NULL)
      assert_non_null(strstr(said, "rp.conformance: must not be on for"));
    config_free(config);
  }
}

static bool is_noted(const config_t *config, const char *name)
{
  for (size_t i = 0; i < config->notes.count; i++)
    if (strstr(config->notes.items[i], "one more than the 5") != NULL &&
        strstr(config->notes.items[i], name) != NULL)
      return true;
  return false;
}

/* WebAuthn L3 §5.11.1: browsers stop at five names, and the same name under another suffix is no further one.
 */
#define ONE "11111111-2222-4333-8444-555555555555"

static void rules_that_nobody_can_meet_are_noted(void **state)
{
  static const addition_t cases[] = {
      {"  authenticators: {certification: L1}\n", "certification lets nobody register"},
      {"  authenticators: {certification: L1}\n  metadata: {statements: s}\n", NULL},
      {"  authenticators: {allow: [" ONE "]}\n", "rp.authenticators: lets nobody register"},
      {"  authenticators: {allow: [" ONE "], allow_unvouched: true}\n", NULL},
      {"  authenticators: {allow: [" ONE "]}\n  trust_roots: r\n", NULL},
      {"  authenticators: {deny: [" ONE "]}\n", NULL},
      {"  authenticators: {attestation: [basic, attca]}\n", "rp.authenticators: lets nobody register"},
      {"  authenticators: {attestation: [basic, self]}\n", NULL},
      {"  authenticators: {attestation: [basic]}\n  metadata: {statements: s}\n", NULL},
      {"  metadata: {}\n", "rp.metadata: does nothing"},
      {"  metadata: {roots: r, refresh: 1h}\n", "rp.metadata: does nothing"},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
    const char *text = arena_format(*state, "%s%s", HEAD, DOMAIN), *at = strstr(text, "authority:");
    text = arena_format(*state, "%.*s%s%s", (int)(at - text), text, cases[i].lines, at);
    config_t *config = accepted(*state, text);
    bool as_expected = cases[i].says == NULL ? config->notes.count == 0
                                             : config->notes.count == 1 &&
                                                   strstr(config->notes.items[0], cases[i].says) != NULL;
    if (!as_expected)
      fail_msg("%s", cases[i].lines);
    config_free(config);
  }
}

static void related_origins_of_a_sixth_name_are_noted(void **state)
{
  static const struct {
    const char *origins, *noted; /* NULL: none */
  } cases[] = {
      {"\"https://a.com\"", NULL},
      {"\"https://b.com\", \"https://c.com\", \"https://d.com\", \"https://e.com\"", NULL},
      {"\"https://b.com\", \"https://c.com\", \"https://d.com\", \"https://e.com\", \"https://f.com\"",
       "name, f,"},
      {"\"https://b.com\", \"https://c.com\", \"https://d.com\", \"https://e.com\", \"https://a.co.uk\"",
       NULL},
      {"\"https://b.com\", \"https://c.com\", \"https://d.com\", \"https://e.ne.jp\", \"https://www.e.de\"",
       NULL},
      {"\"https://b.com\", \"https://b.com:8443\", \"https://www.b.com\", \"https://b.de\", "
       "\"https://c.de\", "
       "\"https://d.de\", \"https://e.de\", \"https://www.f.org.uk\"",
       "name, f,"},
      {"\"https://b.com\", \"https://c.com\", \"https://d.com\", \"https://e.com\", "
       "\"android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
       NULL},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
    const char *text = arena_format(
        *state,
        "rp:\n  id: a.example\n  origins: [\"https://a.example\", %s]\n  listen: 127.0.0.1:8080\n"
        "authority: {listen: \"127.0.0.1:8081\", internal: \"127.0.0.1:8082\"}\n%s",
        cases[i].origins, DOMAIN);
    config_t *config = accepted(*state, text);
    if (is_noted(config, cases[i].noted != NULL ? cases[i].noted : "") != (cases[i].noted != NULL))
      fail_msg("%s", cases[i].origins);
    config_free(config);
  }
}

static void levels_with_rules_still_imply_those_before(void **state)
{
  static const struct {
    const char *levels;
    bool taken;
  } cases[] = {
      {"[{name: a, authenticators: {certification: L1}}, {name: b, authenticators: {certification: L2}}]",
       true},
      {"[{name: a, authenticators: {certification: L2}}, {name: b, authenticators: {certification: L1}}]",
       false},
      {"[{name: a, authenticators: {deny: [" KEY "]}}, {name: b}]", false},
      {"[{name: a}, {name: b, authenticators: {allow: [" KEY "]}}]", true},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
    const char *said;
    const char *text =
        arena_format(*state,
                     "%slevels: %s\ndomains: [{id: pay, issuer: \"http://localhost:8081/pay\", "
                     "entry: {acr: a}}]\n",
                     HEAD, cases[i].levels);
    config_t *config = parse(*state, text, &said);
    if ((config != NULL) != cases[i].taken)
      fail_msg("%s: %s", cases[i].levels, said);
    config_free(config);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(a_whole_file_becomes_a_struct),
      UNIT_TEST(what_is_left_out_is_the_usual),
      UNIT_TEST(each_wrong_line_says_so),
      UNIT_TEST(conformance_offers_what_the_tools_test),
      UNIT_TEST(conformance_is_not_for_public_origins),
      UNIT_TEST(rules_that_nobody_can_meet_are_noted),
      UNIT_TEST(related_origins_of_a_sixth_name_are_noted),
      UNIT_TEST(levels_with_rules_still_imply_those_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
