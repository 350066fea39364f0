/* libfido2 as the oracle of registrations: honest ones, and the same with a bit turned in authenticator data
 * or statement. What we accept it accepts; what it accepts we accept, or refuse for a rule that it does not
 * have. */
#include <fido.h>

#include "../unit/ceremony.h"

#define ROUNDS 150

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
 * id, and passes over members that a statement's syntax does not have. */
static bool is_ours_alone(error_code_t ours, const webauthn_verdict_t *verdict)
{
  return ours == ERR_ATTESTATION_CERTIFICATE || ours == ERR_CREDENTIAL_ID || ours == ERR_BACKUP_FLAGS ||
         ours == ERR_USER_VERIFICATION || strstr(verdict->detail.text, "AAGUID") != NULL ||
         strstr(verdict->detail.text, "the format's syntax does not know") != NULL;
}

static void compare(world_t *world, const subject_t *subject, const json_t *honest, const sample_t *sample,
                    size_t *accepted)
{
  error_code_t ours = ask_us(world, honest, sample);
  int theirs = ask_oracle(subject, sample);
  bool agree =
      (ours == ERR_NONE) == (theirs == FIDO_OK) || (ours != ERR_NONE && is_ours_alone(ours, &world->verdict));
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
}

static void registrations_are_judged_as_libfido2_judges_them(void **state)
{
  static const subject_t SUBJECTS[] = {
      {"packed-self", -7, 0, COSE_ES256}, {"packed-self", -35, 0, COSE_ES384},
      {"packed-self", -8, 0, COSE_EDDSA}, {"packed", -7, 0, COSE_ES256},
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
