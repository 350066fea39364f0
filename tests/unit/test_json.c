#include "unit.h"

#include "base/json.h"

static error_code_t parse_code(bytes_t text)
{
  CLEANUP(json_drop) json_t *value = NULL;
  return json_parse(text, &value);
}

static json_t *parsed(const char *text)
{
  json_t *value = NULL;
  assert_ok(json_parse(bytes_of_string(text), &value));
  return value;
}

static void only_one_whole_object_or_array_is_json(void **state)
{
  static const char *const GOOD[] = {"{}", "[]", " {\"a\" : [1, -2, null, true, \"x\"]}\n"};
  static const char *const BAD[] = {
      "",     " ",     "{} {}", "{}x",      "{\"a\":1,}", "[1,]",           "{'a':1}",    "{a:1}",   "[01]",
      "[+1]", "[.5]",  "[1.]",  "[NaN]",    "[Infinity]", "// c\n{}",       "{\"a\"}",    "[1e999]", "{",
      "1",    "\"x\"", "null",  "[\"\t\"]", "[\"\\x\"]",  "\xef\xbb\xbf{}", "[\"\\u12\"]"};
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++)
    assert_ok(parse_code(bytes_of_string(GOOD[i])));
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(parse_code(bytes_of_string(BAD[i])), ERR_MALFORMED);
  assert_int_equal(parse_code(BYTES_NONE), ERR_MALFORMED);
}

static void JW_13_duplicate_members_are_refused(void **state)
{
  assert_int_equal(parse_code(BYTES_LITERAL("{\"sub\":\"a\",\"sub\":\"b\"}")), ERR_MALFORMED);
  assert_int_equal(parse_code(BYTES_LITERAL("{\"sub\":\"a\",\"s\\u0075b\":\"b\"}")), ERR_MALFORMED);
  assert_int_equal(parse_code(BYTES_LITERAL("{\"x\":{\"a\":1,\"a\":1}}")), ERR_MALFORMED);
  assert_ok(parse_code(BYTES_LITERAL("{\"x\":{\"a\":1},\"a\":1}")));
}

static void PM_12_nul_and_bad_utf8_are_refused(void **state)
{
  static const bytes_t CASES[] = {
      BYTES_LITERAL("{\"username\":\"a\\u0000b\"}"),
      BYTES_LITERAL("{\"a\\u0000b\":1}"),
      BYTES_LITERAL("{\"a\":\"x\0y\"}"),
      BYTES_LITERAL("{\"a\":1}\0"),
      BYTES_LITERAL("{\"a\":1\0}"), /* jansson's own reader took this one */
      BYTES_LITERAL("{\"a\":\"\xff\"}"),
      BYTES_LITERAL("{\"a\":\"\\ud800\"}"),
      BYTES_LITERAL("{\"a\":\"\\udc00\\ud800\"}"),
      BYTES_LITERAL("{\"a\":\"\xc0\xaf\"}"),
      BYTES_LITERAL("{\"a\":\"\xe0\x80\xaf\"}"),
      BYTES_LITERAL("{\"a\":\"\xed\xa0\x80\"}"),
      BYTES_LITERAL("{\"a\":\"\xf4\x90\x80\x80\"}"),
  };
  for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
    assert_int_equal(parse_code(CASES[i]), ERR_MALFORMED);
  assert_ok(parse_code(BYTES_LITERAL("{\"a\":\"\\ud83d\\ude00 \xf0\x9f\x98\x80\"}")));
}

static void PM_13_only_integers_in_range_are_integers(void **state)
{
  static const char *const BAD[] = {"1e30",           "1.5",  "1.0", "1.7e9", "true",
                                    "\"1700000000\"", "null", "[1]", "{}"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    CLEANUP(json_drop) json_t *value = parsed(arena_format(*state, "{\"exp\":%s}", BAD[i]));
    int64_t number = 42;
    assert_int_equal(json_get_integer(value, "exp", 0, &number), ERR_MALFORMED);
    assert_int_equal(json_require_integer(value, "exp", &number), ERR_MALFORMED);
    assert_int_equal(number, 42);
  }
  assert_int_equal(parse_code(BYTES_LITERAL("{\"exp\":99999999999999999999}")), ERR_MALFORMED);
  assert_int_equal(parse_code(BYTES_LITERAL("{\"exp\":-9223372036854775809}")), ERR_MALFORMED);
  CLEANUP(json_drop) json_t *value = parsed("{\"a\":9223372036854775807,\"b\":-1}");
  int64_t number;
  assert_ok(json_require_integer(value, "a", &number));
  assert_true(number == INT64_MAX);
  assert_ok(json_require_integer(value, "b", &number));
  assert_int_equal(number, -1);
}

static char *nested(arena_t *arena, size_t depth, char open, char close)
{
  char *text = arena_alloc(arena, 2 * depth + 1);
  memset(text, open, depth);
  memset(text + depth, close, depth);
  return text;
}

static void depth_is_bounded(void **state)
{
  assert_ok(parse_code(bytes_of_string(nested(*state, 32, '[', ']'))));
  assert_int_equal(parse_code(bytes_of_string(nested(*state, 33, '[', ']'))), ERR_MALFORMED);
  assert_int_equal(parse_code(bytes_of_string(nested(*state, 100000, '[', ']'))), ERR_MALFORMED);
  /* Brackets in strings are text, whatever quotes and backslashes stand before them. */
  assert_ok(
      parse_code(bytes_of_string(arena_format(*state, "[\"\\\"\\\\%s\"]", nested(*state, 100, '[', '{')))));
  assert_int_equal(
      parse_code(bytes_of_string(arena_format(*state, "[\"\\\\\",%s]", nested(*state, 40, '[', ']')))),
      ERR_MALFORMED);
}

static void getters_know_absent_from_wrong(void **state)
{
  CLEANUP(json_drop)
  json_t *value = parsed("{\"t\":\"x\",\"e\":\"\",\"n\":null,\"b\":true,\"o\":{},\"a\":[],\"u\":\"Zm9v\"}");
  bytes_t text;
  assert_ok(json_require_text(value, "t", &text));
  assert_text_equal(text, "x");
  assert_ok(json_get_text(value, "e", &text));
  assert_non_null(text.data);
  assert_int_equal(text.len, 0);
  assert_ok(json_get_text(value, "missing", &text));
  assert_null(text.data);
  assert_int_equal(json_require_text(value, "missing", &text), ERR_MALFORMED);
  assert_int_equal(json_get_text(value, "n", &text), ERR_MALFORMED);
  assert_int_equal(json_get_text(value, "b", &text), ERR_MALFORMED);
  int64_t number;
  assert_ok(json_get_integer(value, "missing", 7, &number));
  assert_int_equal(number, 7);
  assert_int_equal(json_require_integer(value, "missing", &number), ERR_MALFORMED);
  bool flag;
  assert_ok(json_get_boolean(value, "b", false, &flag));
  assert_true(flag);
  assert_ok(json_get_boolean(value, "missing", true, &flag));
  assert_true(flag);
  assert_int_equal(json_get_boolean(value, "t", false, &flag), ERR_MALFORMED);
  json_t *member;
  assert_ok(json_get_object(value, "o", &member));
  assert_non_null(member);
  assert_int_equal(json_get_object(value, "a", &member), ERR_MALFORMED);
  assert_ok(json_get_array(value, "missing", &member));
  assert_null(member);
  assert_int_equal(json_get_array(value, "o", &member), ERR_MALFORMED);
  assert_ok(json_require_base64url(*state, value, "u", &text));
  assert_text_equal(text, "foo");
  assert_ok(json_get_base64url(*state, value, "missing", &text));
  assert_null(text.data);
  assert_int_equal(json_require_base64url(*state, value, "missing", &text), ERR_MALFORMED);
  assert_int_equal(json_get_base64url(*state, value, "t", &text), ERR_MALFORMED);
  assert_int_equal(json_get_text(NULL, "t", &text), ERR_NONE);
}

static void setters_and_print(void **state)
{
  CLEANUP(json_drop) json_t *object = json_object();
  assert_true(json_set_text(object, "t", bytes_of("abc", 2)));
  assert_true(json_set_text(object, "e", BYTES_NONE));
  assert_true(json_set_string(object, "left out", NULL));
  assert_true(json_set_string(object, "s", "x\"y"));
  assert_true(json_set_integer(object, "i", -5));
  assert_true(json_set_boolean(object, "b", true));
  assert_true(json_set_base64url(object, "u", BYTES_LITERAL("\xff\xff\xbe")));
  assert_false(json_set_text(object, "bad", BYTES_LITERAL("\xff")));
  assert_false(json_set_string(NULL, "s", "x"));
  bytes_t text;
  char *printed = json_print(*state, object, &text);
  assert_string_equal(printed,
                      "{\"t\":\"ab\",\"e\":\"\",\"s\":\"x\\\"y\",\"i\":-5,\"b\":true,\"u\":\"__--\"}");
  assert_text_equal(text, printed);
  arena_t *small = arena_new(16, 16);
  assert_null(json_print(small, object, NULL));
  arena_free(small);
}

int main(void)
{
  json_seed();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_one_whole_object_or_array_is_json),
      cmocka_unit_test(JW_13_duplicate_members_are_refused),
      cmocka_unit_test(PM_12_nul_and_bad_utf8_are_refused),
      UNIT_TEST(PM_13_only_integers_in_range_are_integers),
      UNIT_TEST(depth_is_bounded),
      UNIT_TEST(getters_know_absent_from_wrong),
      UNIT_TEST(setters_and_print),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
