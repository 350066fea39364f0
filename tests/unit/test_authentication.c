#include "ceremony.h"

#include "crypto/cose_key.h"

static int enrolled_setup(void **state)
{
  if (world_setup(state) != 0)
    return -1;
  world_enrol(*state);
  return 0;
}
#define LOGIN_TEST(function) cmocka_unit_test_setup_teardown(function, enrolled_setup, world_teardown)

static void an_honest_login(void **state)
{
  world_t *world = *state;
  assert_ok(world_login(world));
  assert_bytes_equal(webauthn_authenticated_credential_id(world->authenticated), world->stored.id);
  assert_text_equal(webauthn_authenticated_user_handle(world->authenticated), "user-1");
  assert_int_equal(webauthn_authenticated_sign_count(world->authenticated), 1);
  assert_int_equal(webauthn_authenticated_algorithm(world->authenticated), SIGNATURE_ES256);
  assert_int_equal(webauthn_authenticated_flags(world->authenticated),
                   AUTHENTICATOR_FLAG_UP | AUTHENTICATOR_FLAG_UV);
  assert_int_equal(webauthn_authenticated_authenticator_data(world->authenticated).len, 37);
  assert_true(webauthn_authenticated_client_data_json(world->authenticated).len > 0);
  assert_true(webauthn_authenticated_signature(world->authenticated).len > 0);
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  int64_t algorithm = 0;
  assert_ok(cose_key_parse(world->stored.public_key, &key, &algorithm, NULL));
  world->stored.key = key; /* a key that is ready does as well */
  assert_ok(world_login(world));
}

static void every_algorithm_of_ours(void **state)
{
  world_t *world = *state;
  static const int64_t ALGORITHMS[] = {-7, -35, -8, -257};
  static const char *const FAULTS[] = {"flip", "empty", "truncated", "trailing"};
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    world->knobs.algorithm = ALGORITHMS[i];
    world_enrol(world);
    assert_ok(world_login(world));
    for (size_t j = 0; j < ARRAY_LENGTH(FAULTS); j++) {
      world->knobs.signature = FAULTS[j];
      error_code_t code = world_login(world);
      /* an empty signature is not even a response */
      assert_int_equal(code, strcmp(FAULTS[j], "empty") == 0 ? ERR_MALFORMED : ERR_SIGNATURE);
    }
  }
}

static void RS1_signs_where_a_term_says_so(void **state)
{
  world_t *world = *state;
  static const int64_t OFFERED[] = {SIGNATURE_RS1};
  world->registration.algorithms = OFFERED;
  world->registration.algorithm_count = 1;
  world->registration.allow_rs1 = true;
  world->knobs.algorithm = SIGNATURE_RS1;
  world_enrol(world);
  assert_refused(world_login(world), ERR_ALGORITHM, world, "signature");
  world->authentication.allow_rs1 = true;
  assert_ok(world_login(world));
  world->knobs.wrong_key = true;
  assert_refused(world_login(world), ERR_SIGNATURE, world, "signature");
}

static void WA_03_a_credential_that_was_not_allowed(void **state)
{
  world_t *world = *state;
  bytes_t allowed[2] = {BYTES_LITERAL("another"), BYTES_LITERAL("a third")};
  world->authentication.allow_credentials = allowed;
  world->authentication.allow_credential_count = 2;
  assert_refused(world_login(world), ERR_CREDENTIAL_NOT_ALLOWED, world, "allow-credentials");
  allowed[1] = world->stored.id;
  assert_ok(world_login(world));
  allowed[1].len--; /* a prefix */
  assert_refused(world_login(world), ERR_CREDENTIAL_NOT_ALLOWED, world, "allow-credentials");
}

static void WA_04_a_discoverable_login_needs_a_user_handle(void **state)
{
  world_t *world = *state;
  world->knobs.user_handle_absent = true;
  assert_refused(world_login(world), ERR_USER_HANDLE, world, "user");
  world->authentication.user_handle = BYTES_LITERAL("user-1"); /* identified before */
  assert_ok(world_login(world));
  world->authentication.user_handle = BYTES_LITERAL("user-2");
  assert_refused(world_login(world), ERR_USER_HANDLE, world, "user");
  world_behave(world);
  world->authentication.user_handle = BYTES_NONE;
  world->knobs.user_handle = BYTES_LITERAL("user-2");
  assert_refused(world_login(world), ERR_USER_HANDLE, world, "user");
}

static void WA_06_forged_responses_for_a_known_id(void **state)
{
  world_t *world = *state;
  json_t *json = world_login_json(world);
  json_set_base64url(json_object_get(json, "response"), "signature", BYTES_LITERAL("0123456789abcdef"));
  assert_refused(world_judge_login(world, json), ERR_SIGNATURE, world, "signature");
  json = world_login_json(world);
  json_set_base64url(json_object_get(json, "response"), "authenticatorData",
                     BYTES_LITERAL("0123456789abcdef0123456789abcdef\x05"
                                   "1234"));
  assert_refused(world_judge_login(world, json), ERR_RP_ID, world, "rp-id-hash");
}

static void WA_07_signed_with_another_key(void **state)
{
  world_t *world = *state;
  world->knobs.wrong_key = true;
  assert_refused(world_login(world), ERR_SIGNATURE, world, "signature");
}

static void the_record_is_that_of_the_response(void **state)
{
  world_t *world = *state;
  world->stored.id = BYTES_LITERAL("another record");
  assert_refused(world_login(world), ERR_CREDENTIAL_ID, world, "user");
}

static void WA_09_and_WA_10_authenticator_data_of_any_length(void **state)
{
  world_t *world = *state;
  for (int64_t len = 1; len < 37; len++) {
    world->knobs.truncate = len;
    assert_refused(world_login(world), ERR_AUTHENTICATOR_DATA, world, "authenticator-data");
  }
  world_behave(world);
  static const uint8_t PADDING[4096];
  static const size_t LENGTHS[] = {1, 2, 60, 91, 163, 4059};
  for (size_t i = 0; i < ARRAY_LENGTH(LENGTHS); i++) {
    world->knobs.trailing = bytes_of(PADDING, LENGTHS[i]);
    assert_refused(world_login(world), ERR_AUTHENTICATOR_DATA, world, "authenticator-data");
  }
  world_behave(world);
  builder_t extension = arena_builder(world->arena, 4096);
  builder_add(&extension, unit_hex(world->arena, "a16161590f00"));
  builder_add(&extension, bytes_of(PADDING, 0x0f00));
  world->knobs.extensions = builder_bytes(&extension);
  assert_ok(world_login(world));
}

static void WA_12_encodings_of_ecdsa_signatures(void **state)
{
  world_t *world = *state;
  static const char *const BAD[] = {"ber-length", "leading-zero", "negative-r", "r-zero", "s-zero",
                                    "r-order",    "trailing",     "raw",        "flip",   "truncated"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    world->knobs.signature = BAD[i];
    assert_refused(world_login(world), ERR_SIGNATURE, world, "signature");
  }
  world->knobs.signature = "high-s";
  assert_ok(world_login(world));
}

static void WA_16_user_verification(void **state)
{
  world_t *world = *state;
  world->knobs.uv = 0;
  assert_refused(world_login(world), ERR_USER_VERIFICATION, world, "user-verified");
  world->authentication.user.require_uv = false;
  assert_ok(world_login(world));
  world->knobs.up = 0;
  assert_refused(world_login(world), ERR_USER_PRESENCE, world, "user-present");
  world->authentication.user.absent_allowed = true; /* conformance mode */
  assert_ok(world_login(world));
}

static error_code_t login_with_counts(world_t *world, uint32_t stored, uint32_t sent)
{
  world->stored.sign_count = stored;
  world->knobs.sign_count = sent;
  return world_login(world);
}

static void WA_18_and_WA_19_counters_that_do_not_grow(void **state)
{
  world_t *world = *state;
  assert_ok(login_with_counts(world, 9, 10));
  assert_refused(login_with_counts(world, 10, 10), ERR_SIGN_COUNT, world, "sign-count");
  assert_refused(login_with_counts(world, 10, 9), ERR_SIGN_COUNT, world, "sign-count");
  assert_refused(login_with_counts(world, 5, 0), ERR_SIGN_COUNT, world, "sign-count");
}

static void WA_22_counters_beyond_31_bits(void **state)
{
  world_t *world = *state;
  assert_ok(login_with_counts(world, 1, 0x7fffffff));
  assert_ok(login_with_counts(world, 0x7fffffff, 0x80000000));
  assert_int_equal(webauthn_authenticated_sign_count(world->authenticated), 0x80000000);
  assert_ok(login_with_counts(world, 0x80000000, 0xffffffff));
  assert_refused(login_with_counts(world, 0xffffffff, 0x7fffffff), ERR_SIGN_COUNT, world, "sign-count");
}

static void WA_23_counters_that_are_always_zero(void **state)
{
  world_t *world = *state;
  for (int i = 0; i < 3; i++)
    assert_ok(login_with_counts(world, 0, 0));
}

static void WA_24_backup_eligibility_never_changes(void **state)
{
  world_t *world = *state;
  world->knobs.be = 1;
  assert_refused(world_login(world), ERR_BACKUP_FLAGS, world, "backup-eligibility");
  world->stored.backup_eligible = true;
  assert_ok(world_login(world));
  world->knobs.be = 0;
  assert_refused(world_login(world), ERR_BACKUP_FLAGS, world, "backup-eligibility");
  world->stored.backup_eligible_unknown = true;
  assert_ok(world_login(world));
}

static void WA_25_backup_state_is_reported(void **state)
{
  world_t *world = *state;
  world->stored.backup_eligible = true;
  world->knobs.be = world->knobs.bs = 1;
  assert_ok(world_login(world));
  assert_true((webauthn_authenticated_flags(world->authenticated) & AUTHENTICATOR_FLAG_BS) != 0);
  world->knobs.be = 0;
  assert_refused(world_login(world), ERR_BACKUP_FLAGS, world, "backup-flags");
}

static void WR_29_backed_up_without_being_eligible(void **state)
{
  world_t *world = *state;
  world->knobs.bs = 1;
  assert_refused(world_login(world), ERR_BACKUP_FLAGS, world, "backup-flags");
  world->knobs.bs = 0;
  assert_ok(world_login(world));
}

static void client_data_is_judged(void **state)
{
  world_t *world = *state;
  world->knobs.type = "webauthn.create";
  assert_refused(world_login(world), ERR_CEREMONY_TYPE, world, "type");
  world->knobs.type = "payment.get";
  assert_refused(world_login(world), ERR_CEREMONY_TYPE, world, "type");
  world_behave(world);
  world->knobs.challenge = BYTES_LITERAL("AAAA");
  assert_refused(world_login(world), ERR_CHALLENGE, world, "challenge");
  world_behave(world);
  world->origin = "https://evil.test";
  assert_refused(world_login(world), ERR_ORIGIN, world, "origin");
  world->origin = ORIGIN;
  world->knobs.cross_origin = 1;
  assert_refused(world_login(world), ERR_CROSS_ORIGIN, world, "cross-origin");
  world_behave(world);
  world->knobs.rp_id = "example";
  assert_refused(world_login(world), ERR_RP_ID, world, "rp-id-hash");
}

static void WA_38_legacy_members_of_client_data(void **state)
{
  world_t *world = *state;
  world->knobs.client_data_json =
      BYTES_LITERAL("{\"type\":\"webauthn.get\",\"challenge\":\"" CHALLENGE "\",\"origin\":\"" ORIGIN
                    "\",\"hashAlgorithm\":\"SHA-1\",\"clientExtensions\":{}}");
  assert_ok(world_login(world));
}

static void appid_for_keys_of_u2f_times(void **state)
{
  world_t *world = *state;
  world->knobs.rp_id = "https://rp.example/appid.json";
  json_t *json = world_login_json(world);
  json_set_boolean(json_object_get(json, "clientExtensionResults"), "appid", true);
  json_incref(json);
  assert_refused(world_judge_login(world, json), ERR_RP_ID, world, "rp-id-hash");
  world->authentication.appid = BYTES_LITERAL("https://rp.example/appid.json");
  assert_ok(world_judge_login(world, json));
  assert_refused(world_login(world), ERR_RP_ID, world,
                 "rp-id-hash"); /* the client says that it was not used */
  world_behave(world);
  json = world_login_json(world);
  json_set_boolean(json_object_get(json, "clientExtensionResults"), "appid", true);
  json_incref(json);
  assert_ok(world_judge_login(world, json)); /* §10.1.1: it may be, it need not */
  world->authentication.appid = BYTES_NONE;
  assert_refused(world_judge_login(world, json), ERR_EXTENSION, world, "extensions");
}

static void WA_18_a_stale_counter_is_reported_where_it_may_pass(void **state)
{
  world_t *world = *state;
  static const struct {
    uint32_t stored, sent;
    bool stale;
  } rows[] = {{0, 0, false}, {0, 1, false}, {5, 6, false}, {5, 5, true}, {5, 4, true}, {5, 0, true}};
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    world->stored.sign_count = rows[i].stored;
    world->knobs.sign_count = rows[i].sent;
    world->authentication.stale_count_allowed = true;
    assert_ok(world_login(world));
    assert_int_equal(webauthn_authenticated_count_is_stale(world->authenticated), rows[i].stale);
    world->authentication.stale_count_allowed = false;
    assert_int_equal(world_login(world), rows[i].stale ? ERR_SIGN_COUNT : ERR_NONE);
  }
}

static void WA_25_the_backup_state_may_be_fixed_by_policy(void **state)
{
  world_t *world = *state;
  world->stored.backup_eligible = true;
  world->knobs.be = 1;
  for (int before = 0; before < 2; before++)
    for (int now = 0; now < 2; now++) {
      world->stored.backed_up = before == 1;
      world->knobs.bs = now;
      world->authentication.refuse_backup_change = false;
      assert_ok(world_login(world));
      world->stored.sign_count = 0;
      world->authentication.refuse_backup_change = true;
      error_code_t code = world_login(world);
      if (before == now)
        assert_ok(code);
      else
        assert_refused(code, ERR_BACKUP_STATE, world, "backup-eligibility");
    }
}

static void WR_45_extension_outputs_are_held_against_what_was_asked(void **state)
{
  world_t *world = *state;
  world->knobs.extensions = unit_hex(world->arena, "a1 63 75766d 81 83 01 02 03"); /* uvm */
  assert_ok(world_login(world));
  assert_int_equal(webauthn_authenticated_extensions(world->authenticated)->uvm_count, 0);
  world->authentication.extensions.refuse_unsolicited = true;
  assert_refused(world_login(world), ERR_EXTENSION, world, "extensions");
  world->authentication.extensions.asked = EXTENSION_BIT(EXTENSION_UVM);
  assert_ok(world_login(world));
  assert_int_equal(webauthn_authenticated_extensions(world->authenticated)->uvm_count, 1);
  world->knobs.extensions = unit_hex(world->arena, "a1 63 75766d 80");
  assert_refused(world_login(world), ERR_EXTENSION, world, "extensions");
}

static void a_stored_key_that_is_none(void **state)
{
  world_t *world = *state;
  world->stored.public_key = BYTES_LITERAL("garbage");
  assert_refused(world_login(world), ERR_CBOR, world, "signature");
}

static void memory_that_runs_out_is_no_yes(void **state)
{
  world_t *world = *state;
  CLEANUP(json_drop) json_t *json = world_login_json(world);
  for (size_t limit = 64; limit < 4096; limit += 64) {
    arena_t *arena = arena_new(64, limit);
    webauthn_authentication_response_t response;
    const webauthn_authenticated_t *authenticated = NULL;
    error_code_t code =
        webauthn_authentication_response_parse(arena, json, RESPONSE_FORM_W3C, &response, NULL);
    if (code == ERR_NONE)
      code = webauthn_authentication_verify(arena, &world->authentication, &response, &world->verdict,
                                            &authenticated);
    assert_true(code == ERR_NO_MEMORY || code == ERR_NONE);
    assert_true((code == ERR_NONE) == (authenticated != NULL));
    arena_free(arena);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      LOGIN_TEST(an_honest_login),
      LOGIN_TEST(every_algorithm_of_ours),
      LOGIN_TEST(RS1_signs_where_a_term_says_so),
      LOGIN_TEST(WA_03_a_credential_that_was_not_allowed),
      LOGIN_TEST(WA_04_a_discoverable_login_needs_a_user_handle),
      LOGIN_TEST(WA_06_forged_responses_for_a_known_id),
      LOGIN_TEST(WA_07_signed_with_another_key),
      LOGIN_TEST(the_record_is_that_of_the_response),
      LOGIN_TEST(WA_09_and_WA_10_authenticator_data_of_any_length),
      LOGIN_TEST(WA_12_encodings_of_ecdsa_signatures),
      LOGIN_TEST(WA_16_user_verification),
      LOGIN_TEST(WA_18_and_WA_19_counters_that_do_not_grow),
      LOGIN_TEST(WA_22_counters_beyond_31_bits),
      LOGIN_TEST(WA_23_counters_that_are_always_zero),
      LOGIN_TEST(WA_24_backup_eligibility_never_changes),
      LOGIN_TEST(WA_25_backup_state_is_reported),
      LOGIN_TEST(WR_29_backed_up_without_being_eligible),
      LOGIN_TEST(client_data_is_judged),
      LOGIN_TEST(WA_38_legacy_members_of_client_data),
      LOGIN_TEST(appid_for_keys_of_u2f_times),
      LOGIN_TEST(WA_18_a_stale_counter_is_reported_where_it_may_pass),
      LOGIN_TEST(WA_25_the_backup_state_may_be_fixed_by_policy),
      LOGIN_TEST(WR_45_extension_outputs_are_held_against_what_was_asked),
      LOGIN_TEST(a_stored_key_that_is_none),
      LOGIN_TEST(memory_that_runs_out_is_no_yes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
