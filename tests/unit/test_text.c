#include "unit.h"

#include "base/text.h"

static void utf8_is_well_formed_or_refused(void **state)
{
  static const bytes_t GOOD[] = {
      BYTES_LITERAL(""),
      BYTES_LITERAL("abc"),
      BYTES_LITERAL("\xc2\x80"),
      BYTES_LITERAL("\xdf\xbf"),
      BYTES_LITERAL("\xe0\xa0\x80"),
      BYTES_LITERAL("\xed\x9f\xbf"),
      BYTES_LITERAL("\xee\x80\x80"),
      BYTES_LITERAL("\xef\xbf\xbf"),
      BYTES_LITERAL("\xf0\x90\x80\x80"),
      BYTES_LITERAL("\xf4\x8f\xbf\xbf"),
  };
  static const bytes_t BAD[] = {
      BYTES_LITERAL("\0"),
      BYTES_LITERAL("a\0b"),
      BYTES_LITERAL("\x80"),
      BYTES_LITERAL("\xc0\x80"),
      BYTES_LITERAL("\xc1\xbf"),
      BYTES_LITERAL("\xc2"),
      BYTES_LITERAL("\xc2\x7f"),
      BYTES_LITERAL("\xc2\xc0"),
      BYTES_LITERAL("\xe0\x9f\xbf"),
      BYTES_LITERAL("\xe2\x80"),
      BYTES_LITERAL("\xe2\x80\x7f"),
      BYTES_LITERAL("\xed\xa0\x80"),
      BYTES_LITERAL("\xed\xbf\xbf"),
      BYTES_LITERAL("\xf0\x8f\xbf\xbf"),
      BYTES_LITERAL("\xf0\x90\x80"),
      BYTES_LITERAL("\xf4\x90\x80\x80"),
      BYTES_LITERAL("\xf5\x80\x80\x80"),
      BYTES_LITERAL("\xfe"),
      BYTES_LITERAL("\xff"),
  };
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++)
    assert_true(text_is_utf8(GOOD[i]));
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_false(text_is_utf8(BAD[i]));
}

static void printable_text_has_no_controls_and_no_overrides(void **state)
{
  static const char *const BAD[] = {"",
                                    "a\nb",
                                    "\t",
                                    "\x1b[0m",
                                    "\x7f",
                                    "\xc2\x85",
                                    "\xc2\x9b",
                                    "\xe2\x80\xa8",
                                    "\xe2\x80\xa9",
                                    "a\xe2\x80\xae",
                                    "\xe2\x80\xaa",
                                    "\xe2\x81\xa6",
                                    "\xe2\x81\xa9",
                                    "\xff",
                                    "123456789"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_false(text_is_printable(bytes_of_string(BAD[i]), 8));
  assert_true(text_is_printable(BYTES_LITERAL("12345678"), 8));
  assert_true(text_is_printable(BYTES_LITERAL("日本 é"), 16));
  assert_true(text_is_printable(BYTES_LITERAL("\xc2\xa0"), 8));
}

static void durations_need_a_unit(void **state)
{
  static const struct {
    const char *text;
    int64_t ms;
  } GOOD[] = {{"0s", 0},         {"90s", 90000},      {"5m", 300000},
              {"12h", 43200000}, {"30d", 2592000000}, {"999999999d", 86399999913600000}};
  static const char *const BAD[] = {"",    "5",  "s",     "5 m",  " 5m", "5m ",         "-5m",
                                    "+5m", "5M", "1h30m", "1.5h", "5ms", "9999999999d", "0x5s"};
  int64_t ms;
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++) {
    assert_ok(text_parse_duration(bytes_of_string(GOOD[i].text), &ms));
    assert_true(ms == GOOD[i].ms);
  }
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(text_parse_duration(bytes_of_string(BAD[i]), &ms), ERR_MALFORMED);
}

static void durations_in_words_have_two_units_at_most(void **state)
{
  static const struct {
    int64_t ms;
    const char *text;
  } CASES[] = {{-5, "0 s"},       {0, "0 s"},           {999, "0 s"},         {90000, "1 min 30 s"},
               {300000, "5 min"}, {43200000, "12 h"},   {2592000000, "30 d"}, {3661000, "1 h 1 min"},
               {3600999, "1 h"},  {90000000, "1 d 1 h"}};
  for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
    assert_string_equal(text_format_duration(*state, CASES[i].ms), CASES[i].text);
}

static void times_are_rfc_3339(void **state)
{
  static const struct {
    const char *text;
    int64_t ms;
  } GOOD[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2026-11-23T17:35:10Z", 1795455310000},
      {"2026-11-23T17:35:10.25Z", 1795455310250},
      {"2026-11-23T17:35:10.123456789Z", 1795455310123},
      {"2026-11-24T02:35:10+09:00", 1795455310000},
      {"2026-11-23T16:05:10-01:30", 1795455310000},
      {"2024-02-29T00:00:00Z", 1709164800000},
      {"1969-12-31T23:59:59Z", -1000},
  };
  int64_t ms;
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++) {
    assert_ok(text_parse_time(bytes_of_string(GOOD[i].text), &ms));
    assert_true(ms == GOOD[i].ms);
  }
  assert_string_equal(text_format_time(*state, 1795455310999), "2026-11-23T17:35:10Z");
  assert_string_equal(text_format_time(*state, 0), "1970-01-01T00:00:00Z");
  assert_string_equal(text_format_time(*state, -1), "1969-12-31T23:59:59Z");
}

static void times_that_are_none_are_refused(void **state)
{
  static const char *const BAD[] = {
      "",
      "2026-11-23",
      "2026-11-23T17:35:10",
      "2026-11-23 17:35:10Z",
      "2026-11-23T17:35:10z ",
      "2026-02-29T00:00:00Z",
      "2026-13-01T00:00:00Z",
      "2026-00-01T00:00:00Z",
      "2026-01-00T00:00:00Z",
      "2026-01-32T00:00:00Z",
      "2026-01-01T24:00:00Z",
      "2026-01-01T00:60:00Z",
      "2026-01-01T00:00:60Z",
      "2026-01-01T00:00:00.Z",
      "2026-01-01T00:00:00+9:00",
      "2026-01-01T00:00:00+24:00",
      "2026-01-01T00:00:00ZZ",
      "26-01-01T00:00:00Z",
      "2026-1-01T00:00:00Z",
      "-026-01-01T00:00:00Z",
  };
  int64_t ms;
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(text_parse_time(bytes_of_string(BAD[i]), &ms), ERR_MALFORMED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(utf8_is_well_formed_or_refused),
      cmocka_unit_test(printable_text_has_no_controls_and_no_overrides),
      cmocka_unit_test(durations_need_a_unit),
      UNIT_TEST(durations_in_words_have_two_units_at_most),
      UNIT_TEST(times_are_rfc_3339),
      cmocka_unit_test(times_that_are_none_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
