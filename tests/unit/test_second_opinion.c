#include "ceremony.h"

#include <fido.h>

/* What libfido2 is made to say instead; FIDO_OK lets the real one speak. */
static int forced;
static unsigned asked;

int __wrap_fido_cred_verify(const fido_cred_t *cred);
int __wrap_fido_cred_verify_self(const fido_cred_t *cred);
int __real_fido_cred_verify(const fido_cred_t *cred);
int __real_fido_cred_verify_self(const fido_cred_t *cred);

int __wrap_fido_cred_verify(const fido_cred_t *cred)
{
  asked++;
  return forced != FIDO_OK ? forced : __real_fido_cred_verify(cred);
}

int __wrap_fido_cred_verify_self(const fido_cred_t *cred)
{
  asked++;
  return forced != FIDO_OK ? forced : __real_fido_cred_verify_self(cred);
}

static void libfido2_is_asked_and_its_no_counts(void **state)
{
  world_t *world = *state;
  static const char *const FORMATS[] = {"packed-self", "packed", "fido-u2f"};
  for (size_t i = 0; i < ARRAY_LENGTH(FORMATS); i++) {
    world->knobs.format = FORMATS[i];
    forced = FIDO_OK;
    asked = 0;
    assert_ok(world_register(world));
    assert_int_equal(asked, 1);
    forced = FIDO_ERR_INVALID_SIG;
    assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
    assert_non_null(strstr(world->verdict.detail.text, "libfido2"));
  }
}

/* The outputs of authenticators (CTAP 2.1 §12) that libfido2 reads, and others that it passes over. */
static void extension_outputs_do_not_set_it_against_us(void **state)
{
  static const struct {
    const char *what;
    bytes_t outputs;
  } cases[] = {
      {"hmac-secret", BYTES_LITERAL("\xa1\x6bhmac-secret\xf5")},
      {"no hmac-secret", BYTES_LITERAL("\xa1\x6bhmac-secret\xf4")},
      {"credBlob", BYTES_LITERAL("\xa1\x68"
                                 "credBlob\xf5")},
      {"no credBlob", BYTES_LITERAL("\xa1\x68"
                                    "credBlob\xf4")},
      {"credProtect 1", BYTES_LITERAL("\xa1\x6b"
                                      "credProtect\x01")},
      {"credProtect 3", BYTES_LITERAL("\xa1\x6b"
                                      "credProtect\x03")},
      {"minPinLength 4", BYTES_LITERAL("\xa1\x6cminPinLength\x04")},
      {"minPinLength 63", BYTES_LITERAL("\xa1\x6cminPinLength\x18\x3f")},
      {"minPinLength 0", BYTES_LITERAL("\xa1\x6cminPinLength\x00")},
      {"all of them", BYTES_LITERAL("\xa4\x68"
                                    "credBlob\xf5\x6b"
                                    "credProtect\x02\x6bhmac-secret\xf5\x6cminPinLength\x06")},
      {"none", BYTES_LITERAL("\xa0")},
      {"one of nobody", BYTES_LITERAL("\xa1\x63xyz\x01")},
  };
  world_t *world = *state;
  world->knobs.format = "packed";
  forced = FIDO_OK;
  for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
    world->knobs.extensions = cases[i].outputs;
    error_code_t error = world_register(world);
    if (error != ERR_NONE)
      fail_msg("%s: %s", cases[i].what, world->verdict.detail.text);
  }
}

/* RSA of 2048 bits, attested by RS1: the one form of TPM that libfido2 reads. */
static void windows_tpms_have_a_second_opinion(void **state)
{
  world_t *world = *state;
  world->knobs.format = "tpm";
  world->knobs.algorithm = -257;
  world->knobs.statement_algorithm = -65535;
  forced = FIDO_OK;
  asked = 0;
  assert_ok(world_register(world));
  assert_int_equal(asked, 1);
  forced = FIDO_ERR_INVALID_SIG;
  assert_refused(world_register(world), ERR_ATTESTATION, world, "attestation-statement");
  asked = 0;
  world->knobs.statement_fault = "name-sha384";
  assert_ok(world_register(world));
  world->knobs.statement_fault = NULL;
  world->knobs.statement_algorithm = -257;
  assert_ok(world_register(world));
  assert_int_equal(asked, 0);
}

static void it_is_not_asked_where_it_cannot_judge(void **state)
{
  world_t *world = *state;
  forced = FIDO_ERR_INTERNAL;
  asked = 0;
  assert_ok(world_register(world)); /* none */
  world->knobs.format = "packed-self";
  world->knobs.algorithm = -36;
  assert_ok(world_register(world)); /* it has no ES512 */
  world->knobs.algorithm = 0;
  world->knobs.up = 0;
  world->registration.user.absent_allowed = true;
  assert_ok(world_register(world));
  assert_int_equal(asked, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      WORLD_TEST(libfido2_is_asked_and_its_no_counts),
      WORLD_TEST(extension_outputs_do_not_set_it_against_us),
      WORLD_TEST(windows_tpms_have_a_second_opinion),
      WORLD_TEST(it_is_not_asked_where_it_cannot_judge),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
