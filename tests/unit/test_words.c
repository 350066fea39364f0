/* Words of src/webauthn that go outside: to programs, to the account page, to operators. */
#include "unit.h"

#include "webauthn/attestation.h"
#include "webauthn/ownership.h"
#include "webauthn/response_json.h"
#include "webauthn/step.h"

static void attestation_types(void **state)
{
  assert_string_equal(attestation_type_name(ATTESTATION_NONE), "none");
  assert_string_equal(attestation_type_name(ATTESTATION_SELF), "self");
  assert_string_equal(attestation_type_name(ATTESTATION_BASIC), "basic");
  assert_string_equal(attestation_type_name(ATTESTATION_ATT_CA), "attca");
  assert_string_equal(attestation_type_name(ATTESTATION_ANON_CA), "anonca");
}

static void attachments(void **state)
{
  assert_string_equal(authenticator_attachment_name(ATTACHMENT_PLATFORM), "platform");
  assert_string_equal(authenticator_attachment_name(ATTACHMENT_CROSS_PLATFORM), "cross-platform");
  assert_null(authenticator_attachment_name(ATTACHMENT_UNKNOWN));
}

/* Every outcome has words of its own. */
static void ownerships(void **state)
{
  for (ownership_t a = OWNERSHIP_PROVEN; a <= OWNERSHIP_UNIDENTIFIED; a++)
    for (ownership_t b = OWNERSHIP_PROVEN; b < a; b++)
      assert_string_not_equal(ownership_words(a), ownership_words(b));
}

static void steps(void **state)
{
  for (webauthn_step_t a = WEBAUTHN_STEP_NONE; a < WEBAUTHN_STEP_COUNT; a++) {
    assert_true(webauthn_step_info(a)->slug[0] != '\0' && webauthn_step_info(a)->words[0] != '\0');
    for (webauthn_step_t b = WEBAUTHN_STEP_NONE; b < a; b++)
      assert_string_not_equal(webauthn_step_info(a)->slug, webauthn_step_info(b)->slug);
  }
  assert_string_equal(webauthn_step_info(WEBAUTHN_STEP_COUNT)->slug, "none");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(attestation_types),
      cmocka_unit_test(attachments),
      cmocka_unit_test(ownerships),
      cmocka_unit_test(steps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
