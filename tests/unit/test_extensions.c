/* The tables of extensions: every input and output by a row that is good and rows that are not; what was
 * asked decides what counts. */
#include "unit.h"

#include "webauthn/extensions.h"

#define AT_BOTH (EXTENSION_AT_CREATE | EXTENSION_AT_GET)

static json_t *value_of(const char *text)
{
  json_t *json = NULL;
  assert_ok(json_parse(bytes_of_string(text), &json));
  return json;
}

/* --- inputs --- */

static error_code_t ask(const char *text, extension_ceremony_t ceremony, extension_terms_t *terms)
{
  CLEANUP(json_drop) json_t *json = value_of(text);
  error_detail_t detail = {""};
  *terms = (extension_terms_t){.refuse_unsolicited = true};
  error_code_t code = extensions_check_inputs(json, ceremony, terms, &detail);
  assert_true((code == ERR_NONE) == (detail.text[0] == '\0'));
  assert_true(terms->refuse_unsolicited); /* not theirs to say */
  return code;
}

static void what_is_asked_is_noted(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    unsigned ceremonies;
    extension_t extension;
  } rows[] = {
      {"{\"appid\":\"https://a.example\"}", EXTENSION_AT_GET, EXTENSION_APPID},
      {"{\"appidExclude\":\"https://a.example\"}", EXTENSION_AT_CREATE, EXTENSION_APPID_EXCLUDE},
      {"{\"credBlob\":\"AAEC\"}", EXTENSION_AT_CREATE, EXTENSION_CRED_BLOB},
      {"{\"getCredBlob\":true}", EXTENSION_AT_GET, EXTENSION_CRED_BLOB},
      {"{\"credProps\":true}", EXTENSION_AT_CREATE, EXTENSION_CRED_PROPS},
      {"{\"credentialProtectionPolicy\":\"userVerificationRequired\"}", EXTENSION_AT_CREATE,
       EXTENSION_CRED_PROTECT},
      {"{\"hmacCreateSecret\":true}", EXTENSION_AT_CREATE, EXTENSION_HMAC_SECRET},
      {"{\"hmacGetSecret\":{\"salt1\":\"AAEC\"}}", AT_BOTH, EXTENSION_HMAC_SECRET},
      {"{\"largeBlob\":{\"support\":\"required\"}}", EXTENSION_AT_CREATE, EXTENSION_LARGE_BLOB},
      {"{\"largeBlob\":{\"read\":true}}", EXTENSION_AT_GET, EXTENSION_LARGE_BLOB},
      {"{\"minPinLength\":true}", EXTENSION_AT_CREATE, EXTENSION_MIN_PIN_LENGTH},
      {"{\"payment\":{\"isPayment\":true}}", AT_BOTH, EXTENSION_PAYMENT},
      {"{\"prf\":{\"eval\":{\"first\":\"AAEC\"}}}", AT_BOTH, EXTENSION_PRF},
      {"{\"uvm\":true}", AT_BOTH, EXTENSION_UVM},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
    for (extension_ceremony_t at = EXTENSION_AT_CREATE; at <= EXTENSION_AT_GET; at++) {
      bool here = (rows[i].ceremonies & at) != 0;
      extension_terms_t terms;
      error_code_t code = ask(rows[i].text, at, &terms);
      if (!here && rows[i].extension == EXTENSION_LARGE_BLOB) {
        assert_int_equal(code, ERR_EXTENSION_INPUT); /* the same name, in another form */
        continue;
      }
      assert_ok(code);
      assert_int_equal(terms.asked, here ? EXTENSION_BIT(rows[i].extension) : 0);
      assert_int_equal(terms.others_asked, !here);
    }
}

static void false_asks_for_nothing(void **state)
{
  (void)state;
  extension_terms_t terms;
  assert_ok(ask("{\"credProps\":false,\"uvm\":false,\"minPinLength\":false}", EXTENSION_AT_CREATE, &terms));
  assert_int_equal(terms.asked, 0);
  assert_false(terms.others_asked);
  assert_ok(ask("{\"enforceCredentialProtectionPolicy\":true}", EXTENSION_AT_CREATE, &terms));
  assert_int_equal(terms.asked, 0);
}

static void protection_has_three_levels(void **state)
{
  (void)state;
  for (int level = 1; level <= 3; level++) {
    char text[160];
    snprintf(text, sizeof(text),
             "{\"credentialProtectionPolicy\":\"%s\",\"enforceCredentialProtectionPolicy\":true}",
             cred_protect_name(level));
    extension_terms_t terms;
    assert_ok(ask(text, EXTENSION_AT_CREATE, &terms));
    assert_int_equal(terms.cred_protect, level);
    assert_true(terms.cred_protect_enforced);
  }
  assert_null(cred_protect_name(0));
  assert_null(cred_protect_name(4));
  assert_null(cred_protect_name(-1));
}

static void inputs_of_another_form_are_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {
      "{\"uvm\":1}",
      "{\"uvm\":null}",
      "{\"prf\":[]}",
      "{\"prf\":{\"eval\":\"AAEC\"}}",
      "{\"prf\":{\"eval\":{\"second\":\"AAEC\"}}}",
      "{\"prf\":{\"eval\":{\"first\":\"AAECA\"}}}", /* no length of base64url */
      "{\"prf\":{\"eval\":{\"first\":\"AA+/\"}}}",
      "{\"prf\":{\"eval\":{\"first\":\"AAEC\",\"second\":null}}}",
      "{\"payment\":\"yes\"}",
      "{\"hmacGetSecret\":{}}",
      "{\"hmacGetSecret\":true}",
  };
  extension_terms_t terms;
  for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
    assert_int_equal(ask(bad[i], EXTENSION_AT_CREATE, &terms), ERR_EXTENSION_INPUT);
    assert_int_equal(ask(bad[i], EXTENSION_AT_GET, &terms), ERR_EXTENSION_INPUT);
    assert_int_equal(terms.asked, 0);
  }
}

/* --- outputs --- */

static extension_outputs_t client(const char *text, extension_ceremony_t ceremony)
{
  CLEANUP(json_drop) json_t *json = value_of(text);
  return extensions_parse_client(json, ceremony);
}

static const extension_terms_t ALL = {
    .asked = EXTENSION_ALL, .others_asked = true, .refuse_unsolicited = true};
static const extension_terms_t NOTHING = {.asked = 0}, STRICT = {.refuse_unsolicited = true};

static error_code_t judge(const extension_terms_t *terms, extension_ceremony_t ceremony, bytes_t map,
                          extension_outputs_t *outputs)
{
  error_detail_t detail = {""};
  error_code_t code = extensions_judge(terms, ceremony, map, outputs, &detail);
  assert_true((code == ERR_NONE) == (detail.text[0] == '\0'));
  return code;
}

static void what_clients_say(void **state)
{
  (void)state;
  extension_outputs_t outputs =
      client("{\"credProps\":{\"rk\":true},\"prf\":{\"enabled\":false},\"largeBlob\":{\"supported\":true},"
             "\"credBlob\":true,\"uvm\":[[1,2,3],[4,5,4294967295]]}",
             EXTENSION_AT_CREATE);
  assert_int_equal(outputs.client_malformed, 0);
  assert_false(outputs.client_others);
  assert_ok(judge(&ALL, EXTENSION_AT_CREATE, BYTES_NONE, &outputs));
  assert_int_equal(outputs.discoverable, SAID_YES);
  assert_int_equal(outputs.prf, SAID_NO);
  assert_int_equal(outputs.large_blob, SAID_YES);
  assert_int_equal(outputs.uvm_count, 2);
  assert_int_equal(outputs.uvm[1].matcher_protection, UINT32_MAX);
  outputs = client("{\"appid\":true,\"getCredBlob\":\"AAEC\",\"hmacGetSecret\":{\"output1\":\"AAEC\"},"
                   "\"prf\":{\"results\":{\"first\":\"AAEC\",\"second\":\"AAEC\"}},\"payment\":{}}",
                   EXTENSION_AT_GET);
  assert_ok(judge(&ALL, EXTENSION_AT_GET, BYTES_NONE, &outputs));
  assert_true(outputs.appid);
  assert_int_equal(outputs.prf, SAID_NOTHING);
  outputs = extensions_parse_client(NULL, EXTENSION_AT_GET);
  assert_int_equal(outputs.client, 0);
}

static void WR_46_a_wrong_type_matters_where_it_was_asked(void **state)
{
  (void)state;
  static const char *const bad[] = {"{\"uvm\":5}",
                                    "{\"uvm\":[[1,2,3.5]]}",
                                    "{\"prf\":{\"enabled\":1}}",
                                    "{\"prf\":{\"results\":{\"second\":\"AAEC\"}}}",
                                    "{\"largeBlob\":{\"written\":\"yes\"}}",
                                    "{\"hmacGetSecret\":{\"output1\":\"AAEC\",\"output2\":2}}",
                                    "{\"payment\":[]}"};
  for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
    for (extension_ceremony_t at = EXTENSION_AT_CREATE; at <= EXTENSION_AT_GET; at++) {
      extension_outputs_t asked = client(bad[i], at), not_asked = asked, unwanted = asked;
      assert_int_equal(judge(&ALL, at, BYTES_NONE, &asked), ERR_EXTENSION);
      assert_ok(judge(&NOTHING, at, BYTES_NONE, &not_asked));
      assert_int_equal(judge(&STRICT, at, BYTES_NONE, &unwanted), ERR_EXTENSION);
    }
}

static void WR_45_what_nobody_asked_for_is_not_on_the_record(void **state)
{
  extension_outputs_t outputs =
      client("{\"credProps\":{\"rk\":true},\"prf\":{\"enabled\":true},\"largeBlob\":{\"supported\":true},"
             "\"uvm\":[[1,2,3]],\"credBlob\":true,\"x\":1}",
             EXTENSION_AT_CREATE);
  extension_outputs_t unwanted = outputs;
  bytes_t map =
      unit_hex(*state, "a2 61 78 01 6c 6d696e50696e4c656e677468 08"); /* {"x": 1, "minPinLength": 8} */
  assert_ok(judge(&NOTHING, EXTENSION_AT_CREATE, map, &outputs));
  assert_int_equal(outputs.discoverable, SAID_NOTHING);
  assert_int_equal(outputs.prf, SAID_NOTHING);
  assert_int_equal(outputs.large_blob, SAID_NOTHING);
  assert_int_equal(outputs.uvm_count, 0);
  assert_int_equal(outputs.min_pin_length, 0);
  assert_int_equal(judge(&STRICT, EXTENSION_AT_CREATE, BYTES_NONE, &unwanted), ERR_EXTENSION);
  extension_outputs_t none = {0};
  assert_int_equal(judge(&STRICT, EXTENSION_AT_CREATE, map, &none), ERR_EXTENSION);
}

/* In another ceremony the name is one that is not known there. */
static void authenticators_say_it_in_cbor(void **state)
{
  static const struct {
    const char *hex;
    unsigned known, good; /* ceremonies */
  } rows[] = {
      {"a1 6b 6372656450726f74656374 01", EXTENSION_AT_CREATE, EXTENSION_AT_CREATE}, /* credProtect */
      {"a1 6b 6372656450726f74656374 03", EXTENSION_AT_CREATE, EXTENSION_AT_CREATE},
      {"a1 6b 6372656450726f74656374 00", EXTENSION_AT_CREATE, 0},
      {"a1 6b 6372656450726f74656374 04", EXTENSION_AT_CREATE, 0},
      {"a1 6b 6372656450726f74656374 20", EXTENSION_AT_CREATE, 0},
      {"a1 6c 6d696e50696e4c656e677468 18 3f", EXTENSION_AT_CREATE, EXTENSION_AT_CREATE}, /* minPinLength */
      {"a1 6c 6d696e50696e4c656e677468 18 40", EXTENSION_AT_CREATE, 0},
      {"a1 6b 686d61632d736563726574 f5", AT_BOTH, EXTENSION_AT_CREATE}, /* hmac-secret */
      {"a1 6b 686d61632d736563726574 42 0001", AT_BOTH, EXTENSION_AT_GET},
      {"a1 6b 686d61632d736563726574 f6", AT_BOTH, 0},
      {"a1 68 63726564426c6f62 f4", AT_BOTH, EXTENSION_AT_CREATE}, /* credBlob */
      {"a1 68 63726564426c6f62 40", AT_BOTH, EXTENSION_AT_GET},
      {"a1 63 75766d 81 83 01 02 03", AT_BOTH, AT_BOTH}, /* uvm */
      {"a1 63 75766d 80", AT_BOTH, 0},
      {"a1 63 75766d 81 82 01 02", AT_BOTH, 0},
      {"a1 63 75766d 81 83 01 02 20", AT_BOTH, 0},
      {"a1 63 75766d 84 83 01 02 03 83 01 02 03 83 01 02 03 83 01 02 03", AT_BOTH, 0},
      {"a1 71 7468697264506172747950 61796d656e74 f5", AT_BOTH, AT_BOTH}, /* thirdPartyPayment */
      {"a1 71 7468697264506172747950 61796d656e74 01", AT_BOTH, 0},
      {"a0", AT_BOTH, AT_BOTH},
      {"a1 61 78 a1 01 02", 0, 0}, /* not known */
      {"a1 01 02", AT_BOTH, 0},    /* a name is a text */
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
    for (extension_ceremony_t at = EXTENSION_AT_CREATE; at <= EXTENSION_AT_GET; at++) {
      extension_outputs_t outputs = {0};
      error_code_t code = judge(&ALL, at, unit_hex(*state, rows[i].hex), &outputs);
      bool refused = (rows[i].known & at) != 0 && (rows[i].good & at) == 0;
      assert_int_equal(code, refused ? ERR_EXTENSION : ERR_NONE);
    }
}

static void bytes_that_are_no_map_are_refused(void **state)
{
  static const char *const bad[] = {"80", "f5", "a1", "a1 61", "a2 61 78 01", "a0 00", "01"};
  for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
    extension_outputs_t outputs = {0};
    assert_int_equal(judge(&ALL, EXTENSION_AT_CREATE, unit_hex(*state, bad[i]), &outputs), ERR_EXTENSION);
  }
}

static void prf_is_hmac_secret_to_the_authenticator(void **state)
{
  bytes_t yes = unit_hex(*state, "a1 6b 686d61632d736563726574 f5");
  const extension_terms_t prf = {.asked = EXTENSION_BIT(EXTENSION_PRF), .refuse_unsolicited = true};
  extension_outputs_t silent = {0}, no = client("{\"prf\":{\"enabled\":false}}", EXTENSION_AT_CREATE),
                      own = {0};
  assert_ok(judge(&prf, EXTENSION_AT_CREATE, yes, &silent));
  assert_int_equal(silent.prf, SAID_YES);
  assert_ok(judge(&prf, EXTENSION_AT_CREATE, yes, &no)); /* the client knows better */
  assert_int_equal(no.prf, SAID_NO);
  assert_ok(judge(&STRICT, EXTENSION_AT_CREATE, yes, &own)); /* a browser's own wish is nobody's fault */
  assert_int_equal(own.prf, SAID_NOTHING);
}

static void protection_that_is_enforced(void **state)
{
  bytes_t two = unit_hex(*state, "a1 6b 6372656450726f74656374 02");
  for (int asked = 1; asked <= 3; asked++)
    for (int enforced = 0; enforced < 2; enforced++) {
      const extension_terms_t terms = {.asked = EXTENSION_BIT(EXTENSION_CRED_PROTECT),
                                       .cred_protect = asked,
                                       .cred_protect_enforced = enforced == 1};
      extension_outputs_t outputs = {0}, silent = {0}, login = {0};
      error_code_t expected = enforced == 1 && asked == 3 ? ERR_CRED_PROTECT : ERR_NONE;
      assert_int_equal(judge(&terms, EXTENSION_AT_CREATE, two, &outputs), expected);
      assert_int_equal(judge(&terms, EXTENSION_AT_CREATE, BYTES_NONE, &silent),
                       enforced == 1 ? ERR_CRED_PROTECT : ERR_NONE);
      assert_ok(judge(&terms, EXTENSION_AT_GET, BYTES_NONE, &login));
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(what_is_asked_is_noted),
      UNIT_TEST(false_asks_for_nothing),
      UNIT_TEST(protection_has_three_levels),
      UNIT_TEST(inputs_of_another_form_are_refused),
      UNIT_TEST(what_clients_say),
      UNIT_TEST(WR_46_a_wrong_type_matters_where_it_was_asked),
      UNIT_TEST(WR_45_what_nobody_asked_for_is_not_on_the_record),
      UNIT_TEST(authenticators_say_it_in_cbor),
      UNIT_TEST(bytes_that_are_no_map_are_refused),
      UNIT_TEST(prf_is_hmac_secret_to_the_authenticator),
      UNIT_TEST(protection_that_is_enforced),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
