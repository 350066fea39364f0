#include "unit.h"

#include "base/bytes.h"

static void views_compare_over_their_whole_length(void **state)
{
  assert_true(bytes_equal(BYTES_LITERAL("abc"), BYTES_LITERAL("abc")));
  assert_false(bytes_equal(BYTES_LITERAL("abc"), BYTES_LITERAL("abcd")));
  assert_false(bytes_equal(BYTES_LITERAL("abcd"), BYTES_LITERAL("abc")));
  assert_false(bytes_equal(BYTES_LITERAL("abc\0d"), BYTES_LITERAL("abc")));
  assert_true(bytes_equal(BYTES_NONE, BYTES_LITERAL("")));
  assert_false(bytes_equal_string(BYTES_LITERAL("abc\0"), "abc"));
  assert_null(bytes_of_string(NULL).data);
}

static void reader_reads_big_endian_to_the_end(void **state)
{
  const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  reader_t reader = reader_over(bytes_of(bytes, sizeof bytes));
  assert_int_equal(reader_u8(&reader), 1);
  assert_int_equal(reader_u16be(&reader), 0x0203);
  assert_int_equal(reader_u32be(&reader), 0x04050607);
  assert_true(reader_u64be(&reader) == 0x08090a0b0c0d0e0fULL);
  assert_false(reader_done(&reader));
  assert_int_equal(reader_u8(&reader), 16);
  assert_true(reader_done(&reader));
}

static void reader_stays_failed(void **state)
{
  reader_t reader = reader_over(BYTES_LITERAL("abc"));
  assert_int_equal(reader_u32be(&reader), 0);
  assert_true(reader.failed);
  assert_int_equal(reader_u8(&reader), 0);
  assert_false(reader_done(&reader));
  reader = reader_over(BYTES_LITERAL("abc"));
  assert_int_equal(reader_take(&reader, SIZE_MAX).len, 0);
  assert_int_equal(reader_take(&reader, 0).len, 0);
  assert_false(reader_done(&reader));
}

static void reader_over_nothing(void **state)
{
  reader_t reader = reader_over(BYTES_NONE);
  assert_true(reader_done(&reader));
  reader_take(&reader, 0);
  assert_true(reader_done(&reader));
  reader_u8(&reader);
  assert_false(reader_done(&reader));
}

static void builder_writes_every_kind(void **state)
{
  uint8_t memory[64];
  builder_t builder = builder_over(memory, sizeof memory);
  builder_add_u8(&builder, 0x01);
  builder_add_u16be(&builder, 0x0203);
  builder_add_u32be(&builder, 0x04050607);
  builder_add_u64be(&builder, 0x08090a0b0c0d0e0fULL);
  builder_add_string(&builder, "x");
  builder_add_base64url(&builder, BYTES_LITERAL("\xff\xff\xbe"));
  assert_false(builder.failed);
  assert_text_equal(builder_bytes(&builder),
                    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0fx__--");
}

static void builder_changes_nothing_after_a_failure(void **state)
{
  uint8_t memory[4] = {0};
  builder_t builder = builder_over(memory, sizeof memory);
  builder_add_string(&builder, "abc");
  builder_add_string(&builder, "de");
  assert_true(builder.failed);
  builder_add_u8(&builder, 'f');
  assert_text_equal(builder_bytes(&builder), "abc");
  assert_int_equal(memory[3], 0);
  builder_t nowhere = builder_over(NULL, 10);
  builder_add_u8(&nowhere, 1);
  assert_true(nowhere.failed);
}

static void builder_writes_decimals_to_the_ends_of_the_range(void **state)
{
  static const struct {
    int64_t value;
    const char *text;
  } CASES[] = {{0, "0"},
               {-1, "-1"},
               {1700000000, "1700000000"},
               {INT64_MAX, "9223372036854775807"},
               {INT64_MIN, "-9223372036854775808"}};
  for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
    uint8_t memory[20];
    builder_t builder = builder_over(memory, sizeof memory);
    builder_add_decimal(&builder, CASES[i].value);
    assert_text_equal(builder_bytes(&builder), CASES[i].text);
  }
}

static void json_strings_escape_what_could_end_or_forge_a_line(void **state)
{
  static const struct {
    const char *text;
    const char *json;
  } CASES[] = {
      {"", "\"\""},
      {"plain <b> é 日", "\"plain <b> é 日\""},
      {"a\"b\\c", "\"a\\\"b\\\\c\""},
      {"\r\n\t", "\"\\r\\n\\t\""},
      {"\x01\x1b[31m\x7f", "\"\\u0001\\u001b[31m\\u007f\""},
      {"\xc2\x9b"
       "31m \xc2\xa0",
       "\"\\u009b31m \xc2\xa0\""},
      {"\xe2\x80\xa8 \xe2\x80\xa9 \xe2\x80\xaa", "\"\\u2028 \\u2029 \xe2\x80\xaa\""},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
    uint8_t memory[64];
    builder_t builder = builder_over(memory, sizeof memory);
    builder_add_json_string(&builder, bytes_of_string(CASES[i].text));
    assert_text_equal(builder_bytes(&builder), CASES[i].json);
  }
}

static void json_strings_escape_nul_and_stay_inside_cut_text(void **state)
{
  uint8_t memory[32];
  builder_t builder = builder_over(memory, sizeof memory);
  builder_add_json_string(&builder, BYTES_LITERAL("a\0b"));
  assert_text_equal(builder_bytes(&builder), "\"a\\u0000b\"");
  uint8_t *cut = malloc(2); /* exact, so that a read behind it is seen */
  assert_non_null(cut);
  memcpy(cut, "\xe2\x80", 2);
  builder = builder_over(memory, sizeof memory);
  builder_add_json_string(&builder, bytes_of(cut, 2));
  builder_add_json_string(&builder, bytes_of(cut, 1));
  assert_false(builder.failed);
  free(cut);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(views_compare_over_their_whole_length),
      cmocka_unit_test(reader_reads_big_endian_to_the_end),
      cmocka_unit_test(reader_stays_failed),
      cmocka_unit_test(reader_over_nothing),
      cmocka_unit_test(builder_writes_every_kind),
      cmocka_unit_test(builder_changes_nothing_after_a_failure),
      cmocka_unit_test(builder_writes_decimals_to_the_ends_of_the_range),
      cmocka_unit_test(json_strings_escape_what_could_end_or_forge_a_line),
      cmocka_unit_test(json_strings_escape_nul_and_stay_inside_cut_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
