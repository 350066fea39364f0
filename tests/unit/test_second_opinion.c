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
      WORLD_TEST(windows_tpms_have_a_second_opinion),
      WORLD_TEST(it_is_not_asked_where_it_cannot_judge),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
