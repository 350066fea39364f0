/* RFC 8785: its own examples, and what has no canonical form. */
#include "unit.h"

#include "base/canonical_json.h"

static error_code_t print(arena_t *arena, const char *text, size_t max, bytes_t *ret_text)
{
  CLEANUP(json_drop) json_t *value = NULL;
  assert_ok(json_parse(bytes_of_string(text), &value));
  return canonical_json_print(arena, value, max, ret_text);
}

static void becomes(arena_t *arena, const char *text, const char *wanted)
{
  bytes_t printed;
  assert_ok(print(arena, text, 4096, &printed));
  if (!bytes_equal_string(printed, wanted))
    print_message("%.*s, wanted %s\n", (int)printed.len, (const char *)printed.data, wanted);
  assert_true(bytes_equal_string(printed, wanted));
}

/* §3.2.2 */
static void the_example_of_the_standard(void **state)
{
  becomes(*state,
          "{\"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],"
          "\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
          "\"literals\": [null, true, false]}",
          "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
          "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

/* §3.2.3: by UTF-16 code units, so the surrogate pair of the smiley comes before U+FB33. */
static void members_are_sorted_as_utf_16(void **state)
{
  becomes(*state,
          "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet With "
          "Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
          "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
          "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"\xc3\xb6\":\"Latin Small "
          "Letter O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\",\"\xf0\x9f\x98\x80\":\"Emoji: Grinning "
          "Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
  becomes(*state, "{\"b\":{\"d\":1,\"c\":2},\"a\":[],\"aa\":{}}",
          "{\"a\":[],\"aa\":{},\"b\":{\"c\":2,\"d\":1}}");
}

/* Appendix B, as far as JSON text can say them. */
static void numbers_are_those_of_ecmascript(void **state)
{
  static const char *const cases[][2] = {
      {"[0.0]", "[0]"},
      {"[-0.0]", "[0]"},
      {"[5e-324]", "[5e-324]"},
      {"[-5e-324]", "[-5e-324]"},
      {"[1.7976931348623157e308]", "[1.7976931348623157e+308]"},
      {"[9007199254740992.0]", "[9007199254740992]"},
      {"[295147905179352830000.0]", "[295147905179352830000]"},
      {"[9.999999999999997e22]", "[9.999999999999997e+22]"},
      {"[1e23]", "[1e+23]"},
      {"[1.0000000000000001e23]", "[1.0000000000000001e+23]"},
      {"[999999999999999700000.0]", "[999999999999999700000]"},
      {"[1e21]", "[1e+21]"},
      {"[9.999999999999997e-7]", "[9.999999999999997e-7]"},
      {"[0.000001]", "[0.000001]"},
      {"[333333333.3333332]", "[333333333.3333332]"},
      {"[1424953923781206.2]", "[1424953923781206.2]"},
      {"[10.0, 100.5, 0.5, -1.25]", "[10,100.5,0.5,-1.25]"},
      {"[9007199254740991, -9007199254740991, 0, -0]", "[9007199254740991,-9007199254740991,0,0]"}};
  for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
    becomes(*state, cases[i][0], cases[i][1]);
}

static void what_no_double_holds_has_no_form(void **state)
{
  bytes_t text;
  assert_int_equal(print(*state, "[9007199254740993]", 100, &text), ERR_MALFORMED);
  assert_int_equal(print(*state, "[9007199254740992]", 100, &text), ERR_MALFORMED);
  assert_int_equal(print(*state, "[-9007199254740993]", 100, &text), ERR_MALFORMED);
}

static void a_text_has_a_bound(void **state)
{
  bytes_t text;
  assert_ok(print(*state, "[\"abc\"]", 7, &text));
  assert_int_equal(print(*state, "[\"abc\"]", 6, &text), ERR_TOO_LARGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(the_example_of_the_standard),
      UNIT_TEST(members_are_sorted_as_utf_16),
      UNIT_TEST(numbers_are_those_of_ecmascript),
      UNIT_TEST(what_no_double_holds_has_no_form),
      UNIT_TEST(a_text_has_a_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
