#include "unit.h"

#include "webauthn/client_data.h"

#define GOOD "{\"type\":\"webauthn.get\",\"challenge\":\"AAEC\",\"origin\":\"https://rp.example\"}"

static error_code_t parse_code(void **state, bytes_t text)
{
  client_data_t data;
  error_detail_t detail = {""};
  error_code_t code = client_data_parse(*state, text, &data, &detail);
  assert_true((code == ERR_NONE) == (detail.text[0] == '\0'));
  return code;
}

static void members_are_read(void **state)
{
  client_data_t data;
  assert_ok(client_data_parse(*state, BYTES_LITERAL(GOOD), &data, NULL));
  assert_text_equal(data.type, "webauthn.get");
  assert_text_equal(data.origin, "https://rp.example");
  assert_bytes_equal(data.challenge, BYTES_LITERAL("\x00\x01\x02"));
  assert_false(data.cross_origin);
  assert_false(data.has_top_origin);
  assert_ok(client_data_parse(
      *state,
      BYTES_LITERAL("{\"type\":\"t\",\"challenge\":\"\",\"origin\":\"o\",\"crossOrigin\":true,"
                    "\"topOrigin\":\"https://top.example\"}"),
      &data, NULL));
  assert_true(data.cross_origin);
  assert_true(data.has_top_origin);
  assert_text_equal(data.top_origin, "https://top.example");
}

static void a_byte_order_mark_is_stripped_but_hashed(void **state)
{
  client_data_t data;
  assert_ok(client_data_parse(*state, BYTES_LITERAL("\xef\xbb\xbf" GOOD), &data, NULL));
  assert_int_equal(data.raw.len, sizeof(GOOD) - 1 + 3);
  assert_int_equal(parse_code(state, BYTES_LITERAL("\xef\xbb\xbf\xef\xbb\xbf" GOOD)), ERR_CLIENT_DATA);
}

static void WR_18_duplicate_members_are_refused(void **state)
{
  static const char *const BAD[] = {
      "{\"type\":\"webauthn.get\",\"type\":\"webauthn.create\",\"challenge\":\"AAEC\",\"origin\":\"o\"}",
      "{\"type\":\"webauthn.create\",\"type\":\"webauthn.get\",\"challenge\":\"AAEC\",\"origin\":\"o\"}",
      "{\"type\":\"t\",\"challenge\":\"AAEC\",\"challenge\":\"AAED\",\"origin\":\"o\"}",
      "{\"type\":\"t\",\"challenge\":\"AAED\",\"challenge\":\"AAEC\",\"origin\":\"o\"}",
      "{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":\"o\",\"origin\":\"p\"}",
      "{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":\"p\",\"ori\\u0067in\":\"o\"}"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(parse_code(state, bytes_of_string(BAD[i])), ERR_CLIENT_DATA);
}

static void WR_21_only_a_shallow_object_is_client_data(void **state)
{
  static const char *const BAD[] = {"[]", "\"x\"", "1", "{}", "", "null", "{", GOOD "x"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(parse_code(state, bytes_of_string(BAD[i])), ERR_CLIENT_DATA);
  static uint8_t deep[100 * 1024];
  memset(deep, '[', sizeof(deep));
  assert_int_equal(parse_code(state, bytes_of(deep, sizeof(deep))), ERR_CLIENT_DATA);
  assert_int_equal(parse_code(state, bytes_of(deep, 8000)), ERR_CLIENT_DATA);
}

static void members_of_wrong_types_are_refused(void **state)
{
  static const char *const BAD[] = {
      "{\"type\":1,\"challenge\":\"AAEC\",\"origin\":\"o\"}",
      "{\"type\":\"t\",\"challenge\":[],\"origin\":\"o\"}",
      "{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":null}",
      "{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":\"o\",\"crossOrigin\":\"true\"}",
      "{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":\"o\",\"crossOrigin\":1}",
      "{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":\"o\",\"topOrigin\":{}}",
      "{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":\"o\",\"tokenBinding\":\"unused\"}",
      "{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":\"o\",\"tokenBinding\":{\"status\":\"\"}}",
      "{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":\"o\",\"x\":\"\xff\"}"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(parse_code(state, bytes_of_string(BAD[i])), ERR_CLIENT_DATA);
}

static void PM_09_the_challenge_is_strict_base64url(void **state)
{
  static const char *const BAD[] = {"AAEC=", "AA+C", "AA/C",       "AA C",      "AAEC\\r\\n",
                                    "A",     "AB",   "AA\\u0000C", "AA\xc3\xa9"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    const char *text = arena_format(*state, "{\"type\":\"t\",\"challenge\":\"%s\",\"origin\":\"o\"}", BAD[i]);
    assert_int_equal(parse_code(state, bytes_of_string(text)), ERR_CLIENT_DATA);
  }
}

static void WA_38_legacy_and_unknown_members_are_ignored(void **state)
{
  assert_ok(parse_code(
      state, BYTES_LITERAL("{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":\"o\",\"hashAlgorithm\":"
                           "\"SHA-1\",\"clientExtensions\":{},\"tokenBinding\":{\"status\":"
                           "\"supported\"},\"x\":[1,{}]}")));
  assert_ok(parse_code(
      state,
      BYTES_LITERAL("{\"type\":\"t\",\"challenge\":\"AAEC\",\"origin\":\"o\",\"tokenBinding\":null}")));
}

static void size_is_bounded(void **state)
{
  builder_t builder = arena_builder(*state, 2 * CLIENT_DATA_MAX_LENGTH);
  builder_add_string(&builder, GOOD);
  while (builder.len < CLIENT_DATA_MAX_LENGTH)
    builder_add_string(&builder, " ");
  assert_ok(parse_code(state, builder_bytes(&builder)));
  builder_add_string(&builder, " ");
  assert_int_equal(parse_code(state, builder_bytes(&builder)), ERR_CLIENT_DATA);
}

static void the_challenge_is_found_whatever_else_is_wrong(void **state)
{
  bytes_t challenge = BYTES_NONE;
  assert_ok(client_data_find_challenge(*state, BYTES_LITERAL(GOOD), &challenge));
  assert_bytes_equal(challenge, BYTES_LITERAL("\x00\x01\x02"));
  assert_ok(
      client_data_find_challenge(*state, BYTES_LITERAL("{\"type\":5,\"challenge\":\"AAEC\"}"), &challenge));
  assert_bytes_equal(challenge, BYTES_LITERAL("\x00\x01\x02"));
  static const char *const BAD[] = {"",
                                    "[]",
                                    "{}",
                                    "{\"challenge\":5}",
                                    "{\"challenge\":\"AAE=\"}",
                                    "{\"challenge\":\"AAEC\",\"challenge\":\"AAEC\"}",
                                    GOOD "x"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_not_equal(client_data_find_challenge(*state, bytes_of_string(BAD[i]), &challenge), ERR_NONE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(members_are_read),
      UNIT_TEST(a_byte_order_mark_is_stripped_but_hashed),
      UNIT_TEST(WR_18_duplicate_members_are_refused),
      UNIT_TEST(WR_21_only_a_shallow_object_is_client_data),
      UNIT_TEST(members_of_wrong_types_are_refused),
      UNIT_TEST(PM_09_the_challenge_is_strict_base64url),
      UNIT_TEST(WA_38_legacy_and_unknown_members_are_ignored),
      UNIT_TEST(size_is_bounded),
      UNIT_TEST(the_challenge_is_found_whatever_else_is_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
