/* libfido2 as the oracle of registrations: honest ones, the same with a bit turned in authenticator data or
 * statement, and the same with their structure changed. What we accept it accepts; what it accepts we accept,
 * or refuse for a rule that it does not have (tests/README.md lists them). */
#include <fido.h>

#include "../fuzz/mutate.h"
#include "../unit/ceremony.h"
#include "cbor_build.h"
#include "crypto/cbor_walk.h"

#define ROUNDS 150
#define STRUCTURE_ROUNDS 200

/* splitmix64: the same cases in every run, as far as new keys allow. */
static uint64_t next_random(uint64_t *state)
{
  uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

typedef struct subject {
  const char *format;
  int64_t algorithm, statement_algorithm;
  int type; /* libfido2's */
} subject_t;

typedef struct sample {
  bytes_t object;
  uint8_t *bytes; /* the object's, to be changed */
  attestation_object_t parts;
  uint8_t client_data_hash[32];
} sample_t;

static sample_t sample_of(world_t *world)
{
  sample_t sample;
  const webauthn_registered_t *registered = world->registered;
  bytes_t client_data = webauthn_registered_client_data_json(registered);
  sample.object = arena_copy(world->arena, webauthn_registered_attestation_object(registered));
  sample.bytes = (uint8_t *)(uintptr_t)sample.object.data;
  assert_ok(attestation_object_parse(sample.object, &sample.parts, NULL));
  assert_int_equal(
      EVP_Digest(client_data.data, client_data.len, sample.client_data_hash, NULL, EVP_sha256(), NULL), 1);
  return sample;
}

static int ask_oracle(const subject_t *subject, const sample_t *sample)
{
  fido_cred_t *cred = fido_cred_new();
  const char *format = strcmp(subject->format, "packed-self") == 0 ? "packed" : subject->format;
  int code = fido_cred_set_type(cred, subject->type);
  code = code != FIDO_OK ? code : fido_cred_set_fmt(cred, format);
  code = code != FIDO_OK ? code : fido_cred_set_rp(cred, RP_ID, NULL);
  code = code != FIDO_OK ? code : fido_cred_set_clientdata_hash(cred, sample->client_data_hash, 32);
  code = code != FIDO_OK ? code
                         : fido_cred_set_authdata_raw(cred, sample->parts.authenticator_data.data,
                                                      sample->parts.authenticator_data.len);
  code = code != FIDO_OK
             ? code
             : fido_cred_set_attstmt(cred, sample->parts.statement.data, sample->parts.statement.len);
  if (code == FIDO_OK)
    code = fido_cred_x5c_len(cred) > 0 ? fido_cred_verify(cred) : fido_cred_verify_self(cred);
  fido_cred_free(&cred);
  return code;
}

/* The honest response with the sample's object in it. */
static error_code_t ask_us(world_t *world, const json_t *honest, const sample_t *sample)
{
  json_t *json = json_deep_copy(honest);
  assert_true(json_set_base64url(json_object_get(json, "response"), "attestationObject", sample->object));
  return world_judge_registration(world, json);
}

/* libfido2 knows no rules of certificates, no AAGUID rule of U2F, no backup flags and no second place for the
 * id; it passes over members that a statement's syntax does not have, over alg of
 * self attestation and ver of tpm, and looks at the first certificate alone. tests/README.md has the
 * sentences. */
static bool is_ours_alone(error_code_t ours, const webauthn_verdict_t *verdict)
{
  static const char *const RULES[] = {"AAGUID",         "the format's syntax does not know",
                                      "alg is missing", "alg is not that of the credential key",
                                      "x5c ",           "ECDAA",
                                      "ver is not",     "ver is missing"};
  if (ours == ERR_ATTESTATION_CERTIFICATE || ours == ERR_CREDENTIAL_ID || ours == ERR_BACKUP_FLAGS ||
      ours == ERR_USER_VERIFICATION)
    return true;
  for (size_t i = 0; i < ARRAY_LENGTH(RULES); i++)
    if (strstr(verdict->detail.text, RULES[i]) != NULL)
      return true;
  return false;
}

/* It wants the statement's keys in CTAP2's order, which clients need not keep, and no extensions but those
 * that the caller asked for, which authenticators need not keep to. */
static bool is_theirs_alone(const sample_t *sample)
{
  static const cbor_limits_t CANONICAL = {.depth = 4, .items = 64};
  bool has_extensions = (sample->parts.authenticator_data.data[32] & AUTHENTICATOR_FLAG_ED) != 0;
  return has_extensions || cbor_walk(sample->parts.statement, CANONICAL) != sample->parts.statement.len;
}

/* libcbor 0.8 takes memory for what five bytes only claim, so libfido2 is asked about CBOR that is well
 * formed; the rest we must refuse, and nobody else is asked. */
static bool may_be_asked_about(const sample_t *sample)
{
  static const cbor_limits_t LIMITS = {.depth = 16, .items = 4096, .any_order = true};
  authenticator_data_t data;
  return cbor_walk(sample->parts.statement, LIMITS) == sample->parts.statement.len &&
         authenticator_data_parse(sample->parts.authenticator_data, &data, NULL) == ERR_NONE;
}

static void compare(world_t *world, const subject_t *subject, const json_t *honest, const sample_t *sample,
                    size_t *accepted)
{
  error_code_t ours = ask_us(world, honest, sample);
  bool is_asked = may_be_asked_about(sample);
  int theirs = is_asked ? ask_oracle(subject, sample) : FIDO_ERR_INVALID_CBOR;
  assert_true(is_asked || ours != ERR_NONE);
  bool agree = (ours == ERR_NONE) == (theirs == FIDO_OK) ||
               (ours != ERR_NONE ? is_ours_alone(ours, &world->verdict) : is_theirs_alone(sample));
  if (!agree)
    print_message("%s: we say %s (%s), libfido2 says %s\n", subject->format, error_info(ours)->slug,
                  world->verdict.detail.text, fido_strerr(theirs));
  assert_true(agree);
  *accepted += ours == ERR_NONE;
}

static void turn_a_bit(uint64_t *random, sample_t *sample, bytes_t part)
{
  size_t at = (size_t)(part.data - sample->bytes) + next_random(random) % part.len;
  sample->bytes[at] ^= (uint8_t)(1U << next_random(random) % 8);
}

/* The object again, around parts that were changed. */
static void put_together(world_t *world, sample_t *sample)
{
  builder_t builder = arena_builder(world->arena, 1 << 17);
  cbor_add_map(&builder, 3);
  cbor_add_text(&builder, "fmt");
  cbor_add_head(&builder, 3, sample->parts.format.len);
  builder_add(&builder, sample->parts.format);
  cbor_add_text(&builder, "attStmt");
  builder_add(&builder, sample->parts.statement);
  cbor_add_text(&builder, "authData");
  cbor_add_bytes(&builder, sample->parts.authenticator_data);
  assert_false(builder.failed);
  sample->object = builder_bytes(&builder);
}

/* libfido2 skips what it does not ask for; we read every statement to its last byte. */
static void structures_are_judged_as_libfido2_judges_them(world_t *world, const subject_t *subject,
                                                          const json_t *honest, const sample_t *good,
                                                          uint64_t *random)
{
  size_t accepted = 0;
  arena_t *kept = world->arena;
  for (size_t round = 0; round < STRUCTURE_ROUNDS; round++) {
    world->arena = arena_new(1 << 16, (size_t)1 << 24);
    choice_t choice = choice_of_seed(next_random(random));
    sample_t sample = *good;
    if (round % 2 == 0)
      sample.parts.statement = mutate_cbor(world->arena, &choice, sample.parts.statement);
    else
      sample.parts.authenticator_data =
          mutate_authenticator_data(world->arena, &choice, sample.parts.authenticator_data);
    put_together(world, &sample);
    compare(world, subject, honest, &sample, &accepted);
    arena_free(world->arena);
    world->arena = kept;
  }
}

static void check(world_t *world, const subject_t *subject, uint64_t *random)
{
  size_t accepted = 0;
  world->knobs.format = subject->format;
  world->knobs.algorithm = subject->algorithm;
  world->knobs.statement_algorithm = subject->statement_algorithm;
  CLEANUP(json_drop) json_t *honest = world_registration_json(world);
  assert_ok(world_judge_registration(world, json_deep_copy(honest)));
  const sample_t good = sample_of(world);
  for (size_t round = 0; round < ROUNDS; round++) {
    sample_t sample = good;
    sample.bytes = arena_alloc(world->arena, good.object.len);
    memcpy(sample.bytes, good.object.data, good.object.len);
    sample.object = bytes_of(sample.bytes, good.object.len);
    sample.parts.authenticator_data.data =
        sample.bytes + (good.parts.authenticator_data.data - good.object.data);
    sample.parts.statement.data = sample.bytes + (good.parts.statement.data - good.object.data);
    if (round % 3 != 0)
      turn_a_bit(random, &sample, round % 3 == 1 ? sample.parts.authenticator_data : sample.parts.statement);
    compare(world, subject, honest, &sample, &accepted);
  }
  assert_in_range(accepted, ROUNDS / 3, ROUNDS * 2 / 3); /* or this proves nothing */
  structures_are_judged_as_libfido2_judges_them(world, subject, honest, &good, random);
}

static void registrations_are_judged_as_libfido2_judges_them(void **state)
{
  static const subject_t SUBJECTS[] = {
      {"packed-self", -7, 0, COSE_ES256}, {"packed-self", -35, 0, COSE_ES384},
      {"packed-self", -8, 0, COSE_EDDSA}, {"packed-self", -257, 0, COSE_RS256},
      {"packed", -257, 0, COSE_RS256},    {"packed", -7, 0, COSE_ES256},
      {"fido-u2f", -7, 0, COSE_ES256},    {"tpm", -257, -65535, COSE_RS256}};
  uint64_t random = 1;
  for (size_t i = 0; i < ARRAY_LENGTH(SUBJECTS); i++)
    check(*state, &SUBJECTS[i], &random);
}

int main(void)
{
  const struct CMUnitTest tests[] = {WORLD_TEST(registrations_are_judged_as_libfido2_judges_them)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
