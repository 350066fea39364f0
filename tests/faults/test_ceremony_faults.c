/* Every ceremony with every call of OpenSSL, libcbor and libfido2 made to fail in turn, and every allocation:
 * a verdict comes in any case, what is wrong is never verified, nothing is lost (the leak checker looks on),
 * no error stays behind for the next reader of OpenSSL's queue, and the next run is as good as the first.
 * Each wrong case is wrong in one thing only, so a check that a failure switches off would let it through. */
#include "../unit/ceremony.h"
#include "../unit/metadata_fixture.h"
#include "../unit/openssl_errors.h"
#include "call_faults.h"
#include "crypto_faults.h"
#include "metadata_faults.h"

#include <sys/wait.h>
#include <unistd.h>

typedef struct subject {
  const char *format; /* NULL: an assertion */
  int64_t algorithm, statement_algorithm;
  const char *statement_fault, *signature;
  certificate_fault_t certificate;
  chain_fault_t chain;
  bool good, has_extensions;
  bool no_roots; /* our own look at the chain has to do */
} subject_t;

typedef struct script {
  world_t *world;
  const subject_t *subject;
  bytes_t text; /* the response, as JSON */
} script_t;

static void script_name(const script_t *script, char *name, size_t len)
{
  const subject_t *subject = script->subject;
  snprintf(name, len, "%s, algorithm %d, fault %s, signature %s, certificate %d, chain %d",
           subject->format != NULL ? subject->format : "assertion", (int)subject->algorithm,
           subject->statement_fault != NULL ? subject->statement_fault : "none",
           subject->signature != NULL ? subject->signature : "good", (int)subject->certificate,
           (int)subject->chain);
}

static script_t script_of(world_t *world, const subject_t *subject)
{
  static const soft_knobs_t HONEST = SOFT_HONEST;
  script_t script = {.world = world, .subject = subject};
  bool is_registration = subject->format != NULL;
  world->knobs = HONEST;
  world->knobs.algorithm = subject->algorithm;
  if (!is_registration) {
    world->registration.trust.require_trusted = false;
    world_enrol(world);
  }
  world->knobs.format = subject->format;
  world->knobs.statement_algorithm = subject->statement_algorithm;
  world->knobs.statement_fault = subject->statement_fault;
  world->knobs.signature = subject->signature;
  world->knobs.certificate = subject->certificate;
  world->knobs.chain = subject->chain;
  if (subject->has_extensions) /* those that libfido2 must be told of */
    world->knobs.extensions = BYTES_LITERAL("\xa3\x6b"
                                            "credProtect\x02\x6b"
                                            "hmac-secret\xf5\x6c"
                                            "minPinLength\x06");
  CLEANUP(json_drop)
  json_t *json = is_registration ? world_registration_json(world) : world_login_json(world);
  assert_non_null(json_print(world->arena, json, &script.text));
  world->registration.trust.require_trusted = is_registration && !subject->no_roots &&
                                              strcmp(subject->format, "none") != 0 &&
                                              strcmp(subject->format, "packed-self") != 0;
  return script;
}

/* From the response's text to the verdict, in memory of its own. */
static error_code_t run(const script_t *script)
{
  world_t *world = script->world;
  arena_t *kept = world->arena;
  json_t *json = NULL;
  world->arena = arena_new(4096, 1 << 20);
  error_code_t code = world->arena == NULL ? ERR_NO_MEMORY : json_parse(script->text, &json);
  if (code == ERR_NONE)
    code = script->subject->format != NULL ? world_judge_registration(world, json)
                                           : world_judge_login(world, json);
  arena_free(world->arena);
  world->arena = kept;
  return code;
}

static void must_be_right(const script_t *script, error_code_t code, long nth, const char *what)
{
  char name[256];
  bool is_wrong = !script->subject->good && code == ERR_NONE;
  if (!is_wrong && ERR_peek_error() == 0 && code < ERR_COUNT)
    return;
  script_name(script, name, sizeof(name));
  print_message("%s: %s number %ld failed: %s (%s)%s\n", name, what, nth, error_info(code)->slug,
                script->world->verdict.detail.text, is_wrong ? "" : "; OpenSSL's queue is not empty");
  ERR_print_errors_fp(stderr);
  fail();
}

static void must_be_as_before(const script_t *script)
{
  bool verified = run(script) == ERR_NONE;
  char name[256];
  script_name(script, name, sizeof(name));
  if (verified != script->subject->good)
    print_message("%s: %s (%s)\n", name, verified ? "verified" : "refused",
                  script->world->verdict.detail.text);
  assert_true(verified == script->subject->good);
  assert_true(ERR_peek_error() == 0);
}

static long fail_each(const script_t *script, fault_kind_t kind, long growth)
{
  must_be_as_before(script);
  for (long nth = 0;; nth += 1 + (growth > 0 ? nth / growth : 0)) {
    fault_arm(kind, nth);
    error_code_t code = run(script);
    bool has_struck = fault_disarm();
    must_be_right(script, code, nth, has_struck ? fault_name() : "nothing");
    must_be_as_before(script);
    if (!has_struck)
      return nth;
  }
}

static const subject_t REGISTRATIONS[] = {
    {.format = "none", .algorithm = -7, .good = true},
    {.format = "packed-self", .algorithm = -7, .good = true},
    {.format = "packed-self", .algorithm = -7, .signature = "flip"},
    {.format = "packed-self", .algorithm = -7, .has_extensions = true, .good = true},
    {.format = "packed-self", .algorithm = -8, .good = true},
    {.format = "packed-self", .algorithm = -8, .signature = "flip"},
    {.format = "packed-self", .algorithm = -257, .good = true},
    {.format = "packed-self", .algorithm = -257, .signature = "flip"},
    {.format = "packed", .algorithm = -7, .good = true},
    {.format = "packed", .algorithm = -35, .chain = CHAIN_INTERMEDIATE, .good = true},
    {.format = "packed", .algorithm = -7, .certificate = CERTIFICATE_AAGUID_MATCHES, .good = true},
    {.format = "packed", .algorithm = -7, .signature = "flip"},
    {.format = "fido-u2f", .algorithm = -7, .good = true},
    {.format = "fido-u2f", .algorithm = -7, .signature = "flip"},
    {.format = "tpm", .algorithm = -257, .statement_algorithm = -65535, .good = true},
    {.format = "tpm", .algorithm = -7, .good = true},
    {.format = "tpm", .algorithm = -7, .signature = "flip"},
    {.format = "tpm", .algorithm = -7, .statement_fault = "unreadable-issuer", .chain = CHAIN_INTERMEDIATE},
    {.format = "compound", .algorithm = -7, .good = true},
    {.format = "compound", .algorithm = -7, .signature = "flip"},
    {.format = "apple", .algorithm = -7, .good = true},
    {.format = "apple", .algorithm = -7, .statement_fault = "nonce-other"},
    {.format = "android-key", .algorithm = -7, .good = true},
    {.format = "android-key", .algorithm = -7, .signature = "flip"},
    {.format = "android-safetynet", .algorithm = -7, .good = true},
    {.format = "android-safetynet", .algorithm = -7, .signature = "flip"},
};

/* Good signatures, and one thing in the certificate, the chain or the statement that must be seen. */
static const char *const CERTIFIED[] = {"packed", "tpm", "android-key", "apple"};
static const certificate_fault_t CERTIFICATES[] = {
    CERTIFICATE_VERSION_1,      CERTIFICATE_NO_COUNTRY,      CERTIFICATE_OTHER_UNIT,
    CERTIFICATE_NO_NAME,        CERTIFICATE_IS_CA,           CERTIFICATE_NO_BASIC_CONSTRAINTS,
    CERTIFICATE_AAGUID_DIFFERS, CERTIFICATE_AAGUID_CRITICAL, CERTIFICATE_EXPIRED,
    CERTIFICATE_NOT_YET_VALID,  CERTIFICATE_OTHER_ROOT};
static const chain_fault_t CHAINS[] = {CHAIN_INTERMEDIATE_EXPIRED, CHAIN_REVERSED, CHAIN_DUPLICATE};
static const chain_fault_t LINKS[] = {CHAIN_SKIPPED,
                                      CHAIN_UNRELATED,
                                      CHAIN_ISSUER_NOT_CA,
                                      CHAIN_ISSUER_WITHOUT_CONSTRAINTS,
                                      CHAIN_ISSUER_MAY_NOT_SIGN,
                                      CHAIN_ISSUER_MAY_NOT_SIGN_UNREAD,
                                      CHAIN_ISSUER_OTHER_KEY,
                                      CHAIN_ISSUER_NOT_YET_VALID,
                                      CHAIN_ISSUER_SIGNS_BY_MD5,
                                      CHAIN_PATH_LENGTH_EXCEEDED,
                                      CHAIN_PATH_LENGTH_UNREAD};
static const struct {
  const char *format, *fault;
} STATEMENTS[] = {
    {"tpm", "subject"},
    {"tpm", "no-san"},
    {"tpm", "san-not-critical"},
    {"tpm", "no-manufacturer"},
    {"tpm", "vendor-unknown"},
    {"tpm", "no-usage"},
    {"tpm", "usage-other"},
    {"tpm", "name-other"},
    {"tpm", "extra-data-other"},
    {"tpm", "other-unique"},
    {"apple", "nonce-missing"},
    {"apple", "nonce-twice"},
    {"apple", "other-key"},
    {"android-key", "other-key"},
    {"android-key", "no-description"},
    {"android-key", "challenge-other"},
    {"android-key", "all-applications"},
    {"android-safetynet", "other-host"},
    {"android-safetynet", "nonce-other"},
    {"android-safetynet", "stale"},
    {"compound", "second-bad"},
};

static const int64_t ALGORITHMS[] = {-7, -35, -36, -47, -8, -53, -257, -258, -259, -37, -38, -39};

/* 0: each and every one; otherwise the step grows with the number, since a chain takes thousands. */
static long growth(void)
{
  return getenv("SEKISHO_TEST_FULL") != NULL ? 0 : 20;
}

static world_t *prepare(void **state, trust_roots_t **roots)
{
  world_t *world = *state;
  assert_ok(trust_roots_new(roots));
  assert_ok(trust_roots_add_pem(
      *roots, bytes_of_string(attestation_ca_root_pem(soft_authenticator_ca(world->authenticator)))));
  world->registration.trust.roots = *roots;
  world->registration.rules.allow_safetynet = true;
  return world;
}

static void each(world_t *world, const subject_t *subject, fault_kind_t kind, long growth)
{
  script_t script = script_of(world, subject);
  long count = fail_each(&script, kind, growth);
  char name[256];
  script_name(&script, name, sizeof(name));
  if (getenv("SEKISHO_TEST_VERBOSE") != NULL)
    print_message("%s: %ld\n", name, count);
}

/* Not every format asks all of it of its certificates. */
static bool is_refused(world_t *world, const subject_t *subject)
{
  bool is_of_aaguid = subject->certificate == CERTIFICATE_AAGUID_DIFFERS ||
                      subject->certificate == CERTIFICATE_AAGUID_CRITICAL;
  if (is_of_aaguid && strcmp(subject->format, "packed") != 0 && strcmp(subject->format, "tpm") != 0)
    return false;
  script_t script = script_of(world, subject);
  return run(&script) != ERR_NONE;
}

static error_code_t read_roots(const char *pem)
{
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  error_code_t code = trust_roots_new(&roots);
  return code == ERR_NONE ? trust_roots_add_pem(roots, bytes_of_string(pem)) : code;
}

/* A root that was lost is a refusal too many, so it must be said. */
static void trust_roots_that_cannot_be_read(void **state)
{
  static const fault_kind_t KINDS[] = {FAULT_OF_CALLS, FAULT_OF_ALLOCATIONS};
  const world_t *world = *state;
  const char *pem = attestation_ca_root_pem(soft_authenticator_ca(world->authenticator));
  for (size_t i = 0; i < ARRAY_LENGTH(KINDS); i++) {
    bool has_struck = true;
    for (long nth = 0; has_struck; nth++) {
      fault_arm(KINDS[i], nth);
      error_code_t code = read_roots(pem);
      has_struck = fault_disarm();
      ERR_clear_error();
      /* OpenSSL does without some allocations */
      assert_true(has_struck ? KINDS[i] == FAULT_OF_ALLOCATIONS || code != ERR_NONE : code == ERR_NONE);
    }
  }
}

static void registrations_whose_calls_fail(void **state)
{
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  world_t *world = prepare(state, &roots);
  for (size_t i = 0; i < ARRAY_LENGTH(REGISTRATIONS); i++)
    each(world, &REGISTRATIONS[i], FAULT_OF_CALLS, 0);
}

static void checks_whose_calls_fail(void **state)
{
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  world_t *world = prepare(state, &roots);
  for (size_t i = 0; i < ARRAY_LENGTH(CERTIFIED); i++) {
    subject_t subject = {.format = CERTIFIED[i], .algorithm = -7};
    for (size_t j = 0; j < ARRAY_LENGTH(CERTIFICATES); j++) {
      subject.certificate = CERTIFICATES[j];
      if (is_refused(world, &subject))
        each(world, &subject, FAULT_OF_CALLS, 0);
    }
    subject.certificate = CERTIFICATE_GOOD;
    for (size_t j = 0; j < ARRAY_LENGTH(CHAINS); j++) {
      subject.chain = CHAINS[j];
      each(world, &subject, FAULT_OF_CALLS, 0);
    }
  }
  for (size_t i = 0; i < ARRAY_LENGTH(STATEMENTS); i++) {
    subject_t subject = {
        .format = STATEMENTS[i].format, .algorithm = -7, .statement_fault = STATEMENTS[i].fault};
    each(world, &subject, FAULT_OF_CALLS, 0);
  }
}

/* Where no root is configured, nobody looks at a chain after us. */
static void chains_without_roots_whose_calls_fail(void **state)
{
  subject_t subject = {.format = "packed", .algorithm = -7, .no_roots = true};
  for (size_t i = 0; i < ARRAY_LENGTH(LINKS); i++) {
    subject.chain = LINKS[i];
    each(*state, &subject, FAULT_OF_CALLS, 0);
    each(*state, &subject, FAULT_OF_ALLOCATIONS, growth());
  }
  subject.good = true;
  subject.chain = CHAIN_PATH_LENGTH_ENOUGH;
  each(*state, &subject, FAULT_OF_CALLS, 0);
}

static void assertions_whose_calls_fail(void **state)
{
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    subject_t subject = {.algorithm = ALGORITHMS[i], .good = true};
    each(*state, &subject, FAULT_OF_CALLS, 0);
    each(*state, &(subject_t){.algorithm = ALGORITHMS[i], .signature = "flip"}, FAULT_OF_CALLS, 0);
  }
}

/* Algorithms are fetched once a process: each failure in a process of its own, where nothing was fetched yet.
 */
static bool fresh_process_is_right(const script_t *script, fault_kind_t kind, long nth, bool *ret_struck)
{
  enum { WRONG = 1, STRUCK = 2 };
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    fault_arm(kind, nth);
    error_code_t code = run(script);
    bool has_struck = fault_disarm();
    bool is_wrong = code == ERR_NONE ? !script->subject->good : script->subject->good && !has_struck;
    _exit((is_wrong ? WRONG : 0) | (has_struck ? STRUCK : 0));
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  if (!WIFEXITED(status) || (WEXITSTATUS(status) & WRONG) != 0)
    print_message("kind %d, number %ld: status %x\n", (int)kind, nth, (unsigned)status);
  *ret_struck = WIFEXITED(status) && (WEXITSTATUS(status) & STRUCK) != 0;
  return WIFEXITED(status) && (WEXITSTATUS(status) & ~STRUCK) == 0;
}

static void the_first_ceremony_of_a_process(void **state)
{
  static const subject_t FIRST[] = {
      {.format = "packed-self", .algorithm = -7, .good = true},
      {.format = "packed-self", .algorithm = -7, .signature = "flip"},
      {.format = "tpm", .algorithm = -257, .statement_algorithm = -65535, .good = true}};
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  world_t *world = prepare(state, &roots);
  static const fault_kind_t KINDS[] = {FAULT_OF_CALLS, FAULT_OF_ALLOCATIONS};
  for (size_t i = 0; i < ARRAY_LENGTH(FIRST); i++) {
    script_t script = script_of(world, &FIRST[i]);
    for (size_t j = 0; j < ARRAY_LENGTH(KINDS); j++) {
      bool has_struck = true;
      for (long nth = 0; has_struck; nth += 1 + (KINDS[j] == FAULT_OF_CALLS ? 0 : nth / 10))
        assert_true(fresh_process_is_right(&script, KINDS[j], nth, &has_struck));
    }
  }
}

static void registrations_whose_allocations_fail(void **state)
{
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  world_t *world = prepare(state, &roots);
  for (size_t i = 0; i < ARRAY_LENGTH(REGISTRATIONS); i++)
    each(world, &REGISTRATIONS[i], FAULT_OF_ALLOCATIONS, growth());
}

static void assertions_whose_allocations_fail(void **state)
{
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    each(*state, &(subject_t){.algorithm = ALGORITHMS[i], .good = true}, FAULT_OF_ALLOCATIONS, growth());
    each(*state, &(subject_t){.algorithm = ALGORITHMS[i], .signature = "flip"}, FAULT_OF_ALLOCATIONS,
         growth());
  }
}

/* Or the tests above prove nothing. */
static void the_faults_are_seen(void **state)
{
  fault_arm(FAULT_OF_CALLS, 1);
  EVP_MD_CTX *first = EVP_MD_CTX_new(), *second = EVP_MD_CTX_new(), *third = EVP_MD_CTX_new();
  assert_true(fault_disarm());
  assert_true(first != NULL && second == NULL && third != NULL);
  assert_string_equal(fault_name(), "EVP_MD_CTX_new");
  EVP_MD_CTX_free(first);
  EVP_MD_CTX_free(third);
  ERR_clear_error();
  fault_arm(FAULT_OF_ALLOCATIONS, 0);
  json_t *object = json_object(); /* in a library */
  assert_true(fault_disarm());
  assert_null(object);
}

static void every_row_of_the_table_has_failed(void **state)
{
  assert_int_equal(fault_print_untouched(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_faults_are_seen),
      WORLD_TEST(the_first_ceremony_of_a_process), /* before all others */
      WORLD_TEST(trust_roots_that_cannot_be_read),
      WORLD_TEST(registrations_whose_calls_fail),
      WORLD_TEST(checks_whose_calls_fail),
      WORLD_TEST(chains_without_roots_whose_calls_fail),
      WORLD_TEST(assertions_whose_calls_fail),
      WORLD_TEST(registrations_whose_allocations_fail),
      WORLD_TEST(assertions_whose_allocations_fail),
      UNIT_TEST(tokens_keys_and_seals_whose_calls_fail),
      SERVICE_TEST(documents_whose_calls_fail),
      SERVICE_TEST(lists_in_DER_whose_calls_fail),
      SERVICE_TEST(models_by_key_whose_calls_fail),
      cmocka_unit_test(every_row_of_the_table_has_failed),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}
