#include "unit.h"

static bytes_t decode(arena_t *arena, const char *text)
{
  bytes_t bytes = BYTES_NONE;
  assert_ok(base64url_decode(arena, bytes_of_string(text), &bytes));
  return bytes;
}

/* RFC 4648 §10, without padding. */
static void base64url_is_rfc_4648(void **state)
{
  static const char *const CASES[][2] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
    assert_string_equal(base64url_encode(*state, bytes_of_string(CASES[i][0])), CASES[i][1]);
    assert_text_equal(decode(*state, CASES[i][1]), CASES[i][0]);
    assert_int_equal(BASE64URL_LENGTH(strlen(CASES[i][0])), strlen(CASES[i][1]));
  }
  assert_text_equal(decode(*state, "__--"), "\xff\xff\xbe");
}

static void PM_09_base64url_takes_one_form_only(void **state)
{
  static const bytes_t CASES[] = {
      BYTES_LITERAL("ab+d"),     BYTES_LITERAL("ab/d"),
      BYTES_LITERAL("Zg=="),     BYTES_LITERAL("Zm8="),
      BYTES_LITERAL("Zm9v "),    BYTES_LITERAL(" Zm9v"),
      BYTES_LITERAL("Zm\r\n9v"), BYTES_LITERAL("Zm\n9v"),
      BYTES_LITERAL("Z"),        BYTES_LITERAL("Zm9vY"),
      BYTES_LITERAL("Zh"),       BYTES_LITERAL("Zm9"),
      BYTES_LITERAL("Zm\0v"),    BYTES_LITERAL("\0"),
      BYTES_LITERAL("Zm9\xc3"),  BYTES_LITERAL("\xff\xff\xff\xff"),
      BYTES_LITERAL("Zm9v\0"),   BYTES_LITERAL("Zm9v."),
      BYTES_LITERAL("Zm9v%3d"),
  };
  for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
    bytes_t bytes = BYTES_LITERAL("untouched");
    uint8_t memory[8] = {0};
    assert_int_equal(base64url_decode(*state, CASES[i], &bytes), ERR_MALFORMED);
    assert_text_equal(bytes, "untouched");
    for (size_t len = 0; len <= sizeof memory; len++)
      assert_int_equal(base64url_decode_exact(CASES[i], memory, len), ERR_MALFORMED);
    assert_int_equal(memory[0], 0);
  }
}

static void decode_exact_wants_the_exact_length(void **state)
{
  uint8_t memory[4] = {0};
  assert_int_equal(base64url_decode_exact(BYTES_LITERAL("Zm9v"), memory, 4), ERR_MALFORMED);
  assert_int_equal(base64url_decode_exact(BYTES_LITERAL("Zm9v"), memory, 2), ERR_MALFORMED);
  assert_ok(base64url_decode_exact(BYTES_LITERAL("Zm9v"), memory, 3));
  assert_memory_equal(memory, "foo", 4);
}

static void base64url_returns_what_it_took(void **state)
{
  uint8_t bytes[97];
  for (size_t len = 0; len <= sizeof bytes; len++) {
    for (size_t i = 0; i < len; i++)
      bytes[i] = (uint8_t)(i * 151 + len);
    assert_bytes_equal(decode(*state, base64url_encode(*state, bytes_of(bytes, len))), bytes_of(bytes, len));
  }
}

static void decoding_reports_a_full_arena(void **state)
{
  arena_t *arena = arena_new(16, 16);
  bytes_t bytes;
  assert_int_equal(base64url_decode(arena, BYTES_LITERAL("Zm9vYmFyZm9vYmFyZm9vYmFy"), &bytes), ERR_NO_MEMORY);
  assert_null(base64url_encode(arena, BYTES_LITERAL("foobarfoobar")));
  assert_null(base64_encode(arena, BYTES_LITERAL("foobarfoobar")));
  assert_null(hex_encode(arena, BYTES_LITERAL("foobarfoobar")));
  arena_free(arena);
}

static void base64_pads(void **state)
{
  assert_string_equal(base64_encode(*state, BYTES_LITERAL("")), "");
  assert_string_equal(base64_encode(*state, BYTES_LITERAL("f")), "Zg==");
  assert_string_equal(base64_encode(*state, BYTES_LITERAL("fo")), "Zm8=");
  assert_string_equal(base64_encode(*state, BYTES_LITERAL("foo")), "Zm9v");
  assert_string_equal(base64_encode(*state, BYTES_LITERAL("\xff\xff\xbe")), "//++");
}

static void hexadecimal_both_ways(void **state)
{
  bytes_t bytes;
  assert_string_equal(hex_encode(*state, BYTES_LITERAL("\x00\xab\xff")), "00abff");
  assert_ok(hex_decode(*state, BYTES_LITERAL("00aBFf"), &bytes));
  assert_bytes_equal(bytes, BYTES_LITERAL("\x00\xab\xff"));
  assert_int_equal(hex_decode(*state, BYTES_LITERAL("0"), &bytes), ERR_MALFORMED);
  assert_int_equal(hex_decode(*state, BYTES_LITERAL("0g"), &bytes), ERR_MALFORMED);
  assert_int_equal(hex_decode(*state, BYTES_LITERAL("0x"), &bytes), ERR_MALFORMED);
  assert_int_equal(hex_decode(*state, BYTES_LITERAL(" 00 "), &bytes), ERR_MALFORMED);
}

static void base64_has_one_form(void **state)
{
  static const char *const BAD[] = {"YQ",   "YQ=",  "YQ===",  "====", "=",    "YR==",    "YWI",
                                    "YWJ=", "YW J", "YWI=\n", "-_-_", "Y=Q=", "YQ==YQ=="};
  static const struct {
    const char *text, *bytes;
  } GOOD[] = {{"", ""}, {"YQ==", "a"}, {"YWI=", "ab"}, {"YWJj", "abc"}, {"fn5+f39/", "~~~\x7f\x7f\x7f"}};
  bytes_t bytes = BYTES_NONE;
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(base64_decode(*state, bytes_of_string(BAD[i]), &bytes), ERR_MALFORMED);
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++) {
    assert_ok(base64_decode(*state, bytes_of_string(GOOD[i].text), &bytes));
    assert_text_equal(bytes, GOOD[i].bytes);
    assert_string_equal(base64_encode(*state, bytes), GOOD[i].text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(base64_has_one_form),
      UNIT_TEST(base64url_is_rfc_4648),
      UNIT_TEST(PM_09_base64url_takes_one_form_only),
      cmocka_unit_test(decode_exact_wants_the_exact_length),
      UNIT_TEST(base64url_returns_what_it_took),
      cmocka_unit_test(decoding_reports_a_full_arena),
      UNIT_TEST(base64_pads),
      UNIT_TEST(hexadecimal_both_ways),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
