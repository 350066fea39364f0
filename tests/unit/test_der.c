#include "unit.h"

#include "crypto/der.h"

static void an_element_and_what_follows(void **state)
{
  reader_t reader = reader_over(unit_hex(*state, "0402 0102 bf853e03 020100 ff"));
  assert_bytes_equal(der_take(&reader, DER_OCTET_STRING), unit_hex(*state, "0102"));
  der_element_t element = der_read(&reader);
  assert_true(der_is(&element, DER_CONTEXT, 702, true));
  assert_false(der_is(&element, DER_CONTEXT, 702, false));
  assert_bytes_equal(element.content, unit_hex(*state, "020100"));
  assert_int_equal(reader.left, 1);
  assert_false(reader.failed);
}

static void other_encodings(void **state)
{
  static const char *const BAD[] = {"",
                                    "04",
                                    "0402 01",
                                    "0480 0000",
                                    "048101 00", /* long form for a short one */
                                    "04820081",
                                    "0485 0000000001 00",
                                    "bf803e 00", /* a tag with a leading zero */
                                    "bf1e 00",   /* long form for a short tag */
                                    "bfffffffffff7f 00",
                                    "bf85"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    reader_t reader = reader_over(unit_hex(*state, BAD[i]));
    der_element_t element = der_read(&reader);
    assert_true(reader.failed);
    assert_int_equal(element.content.len, 0);
  }
  reader_t reader = reader_over(unit_hex(*state, "0400"));
  der_take(&reader, DER_SEQUENCE);
  assert_true(reader.failed);
}

static void lengths_of_two_bytes(void **state)
{
  uint8_t bytes[4 + 256] = {0x04, 0x82, 0x01, 0x00};
  reader_t reader = reader_over(bytes_of(bytes, sizeof(bytes)));
  assert_int_equal(der_take(&reader, DER_OCTET_STRING).len, 256);
  assert_true(reader_done(&reader));
  (void)state;
}

static void numbers(void **state)
{
  static const struct {
    const char *hex;
    bool good;
    int64_t number;
  } ROWS[] = {{"00", true, 0}, {"7f", true, 127}, {"0080", true, 128}, {"7fffffffffffffff", true, INT64_MAX},
              {"", false, 0},  {"80", false, 0},  {"007f", false, 0},  {"00ffffffffffffffff", false, 0}};
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    int64_t number = -1;
    assert_int_equal(der_number(unit_hex(*state, ROWS[i].hex), &number), ROWS[i].good);
    assert_true(!ROWS[i].good || number == ROWS[i].number);
  }
}

static void elements_are_counted_with_what_is_inside(void **state)
{
  static const struct {
    const char *hex;
    size_t count; /* 0: not elements to the last byte */
  } ROWS[] = {{"0500", 1},
              {"05000500", 2},
              {"3004 0500 0500", 3},
              {"3006 3004 0500 0500", 4},
              {"0404 0500 0500", 3}, /* an octet string of elements */
              {"0403 050005", 2},    /* of something else: as many as could be read */
              {"0403 0500ff", 2},    /* the same */
              {"a104 0404 0500", 0}, /* longer than what is around it */
              {"3003 0500ff", 0},    /* constructed means elements */
              {"3080 0500 0000", 0}, /* indefinite */
              {"05", 0}};
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    bytes_t bytes = unit_hex(*state, ROWS[i].hex);
    assert_int_equal(der_has_at_most(bytes, 1000), ROWS[i].count > 0);
    assert_int_equal(der_has_at_most(bytes, ROWS[i].count), ROWS[i].count > 0);
    assert_false(ROWS[i].count > 0 && der_has_at_most(bytes, ROWS[i].count - 1));
  }
  uint8_t deep[200];
  for (size_t i = 0; i < sizeof(deep); i += 2) {
    deep[i] = 0x30;
    deep[i + 1] = (uint8_t)(sizeof(deep) - i - 2 < 128 ? sizeof(deep) - i - 2 : 127);
  }
  assert_false(der_has_at_most(bytes_of(deep + 100, 100), 1000)); /* 50 levels */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(an_element_and_what_follows),
      UNIT_TEST(other_encodings),
      UNIT_TEST(lengths_of_two_bytes),
      UNIT_TEST(numbers),
      UNIT_TEST(elements_are_counted_with_what_is_inside),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
