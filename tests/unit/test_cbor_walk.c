#include "unit.h"

#include "crypto/cbor_walk.h"

static const cbor_limits_t LIMITS = {.depth = 4, .items = 64};

static size_t walk_hex(void **state, const char *hex)
{
  bytes_t bytes = unit_hex(*state, hex);
  /* a copy of the exact size, for the sanitizer */
  uint8_t *copy = malloc(bytes.len > 0 ? bytes.len : 1);
  assert_non_null(copy);
  memcpy(copy, bytes.data, bytes.len);
  size_t walked = cbor_walk(bytes_of(copy, bytes.len), LIMITS);
  free(copy);
  return walked;
}

static void the_first_item_ends_where_it_ends(void **state)
{
  assert_int_equal(walk_hex(state, "00"), 1);
  assert_int_equal(walk_hex(state, "1818"), 2);
  assert_int_equal(walk_hex(state, "20ff"), 1);
  assert_int_equal(walk_hex(state, "43010203"), 4);
  assert_int_equal(walk_hex(state, "83010203ff"), 4);
  assert_int_equal(walk_hex(state, "a201020304"), 5);
  assert_int_equal(walk_hex(state, "a0a0"), 1);
  assert_int_equal(walk_hex(state, "f4"), 1);
  assert_int_equal(walk_hex(state, "f6"), 1);
}

static void PM_01_claimed_counts_are_held_against_the_bytes_left(void **state)
{
  static const char *const BAD[] = {"9a08000000",
                                    "ba08000000",
                                    "9b0000000100000000",
                                    "bb0000000100000000",
                                    "5affffffff",
                                    "7b7fffffffffffffff",
                                    "9bffffffffffffffff",
                                    "bbffffffffffffffff",
                                    "5bffffffffffffffff",
                                    "a20102",
                                    "820a",
                                    "42aa"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(walk_hex(state, BAD[i]), 0);
}

static void PM_03_only_definite_untagged_forms(void **state)
{
  static const char *const BAD[] = {
      "9fff", "bfff", "5fff", "7fff",   "c000", "d81800", "f90000", "fa00000000", "fb0000000000000000",
      "f7",   "f0",   "f820", "c24101", "ff",   "1c",     "3f"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(walk_hex(state, BAD[i]), 0);
}

static void texts_are_utf8(void **state)
{
  static const char *const BAD[] = {"61ff", "62c0af", "63eda080", "6100", "61c3"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(walk_hex(state, BAD[i]), 0);
  assert_int_equal(walk_hex(state, "60"), 1);
  assert_int_equal(walk_hex(state, "62c3a9"), 3);
}

static void integers_and_lengths_are_minimal(void **state)
{
  static const char *const BAD[] = {"1800", "1817",   "1900ff", "1a0000ffff", "1b00000000ffffffff",
                                    "3817", "580100", "980100", "b8010000",   "f814"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(walk_hex(state, BAD[i]), 0);
  assert_int_equal(walk_hex(state, "190100"), 3);
  assert_int_equal(walk_hex(state, "1b0000000100000000"), 9);
}

static void PM_04_keys_are_unique_in_any_order(void **state)
{
  cbor_limits_t any = LIMITS;
  any.any_order = true;
  assert_int_equal(cbor_walk(unit_hex(*state, "a201000100"), LIMITS), 0);
  assert_int_equal(cbor_walk(unit_hex(*state, "a201000100"), any), 0);
  assert_int_equal(cbor_walk(unit_hex(*state, "a3010002000100"), any), 0);
  assert_int_equal(cbor_walk(unit_hex(*state, "a3a10102000200a1010200"), any), 0);
  assert_int_equal(cbor_walk(unit_hex(*state, "a302000100 6161f6"), any), 8);
}

static void keys_are_sorted_as_ctap2_says(void **state)
{
  assert_int_equal(walk_hex(state, "a5010203262001215800225800"), 0); /* length 0 not minimal */
  assert_int_equal(walk_hex(state, "a30102032620 01"), 7);
  assert_int_equal(walk_hex(state, "a30326010220 01"), 0);      /* 3 before 1 */
  assert_int_equal(walk_hex(state, "a220010102"), 0);           /* a negative before an unsigned */
  assert_int_equal(walk_hex(state, "a2 6162 01 626161 02"), 8); /* the shorter first */
  assert_int_equal(walk_hex(state, "a2 626161 02 6162 01"), 0);
}

static void depth_and_items_are_bounded(void **state)
{
  assert_int_equal(walk_hex(state, "8181818101"), 5);
  assert_int_equal(walk_hex(state, "818181818101"), 0);
  uint8_t many[66] = {0x98, 64};
  assert_int_equal(cbor_walk(bytes_of(many, sizeof(many)), LIMITS), 0);
  many[1] = 63;
  assert_int_equal(cbor_walk(bytes_of(many, sizeof(many)), LIMITS), 65);
  uint8_t deep[4000];
  memset(deep, 0x81, sizeof(deep));
  assert_int_equal(cbor_walk(bytes_of(deep, sizeof(deep)), LIMITS), 0);
}

static void PM_06_integers_beyond_int64_have_no_value(void **state)
{
  static const struct {
    const char *hex;
    bool fits;
    int64_t value;
  } ROWS[] = {{"1b7fffffffffffffff", true, INT64_MAX},
              {"1b8000000000000000", false, 0},
              {"1bffffffffffffffff", false, 0},
              {"3b7fffffffffffffff", true, INT64_MIN},
              {"3b8000000000000000", false, 0},
              {"3bffffffffffffffff", false, 0},
              {"26", true, -7},
              {"41 07", false, 0}};
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    reader_t reader = reader_over(unit_hex(*state, ROWS[i].hex));
    cbor_value_t item = cbor_read(&reader);
    int64_t value = 0;
    assert_int_equal(cbor_value_integer(&item, &value), ROWS[i].fits);
    assert_true(value == ROWS[i].value);
  }
}

static void the_reader_stays_inside_of_what_was_not_walked(void **state)
{
  reader_t reader = reader_over(unit_hex(*state, "5bffffffffffffffff"));
  cbor_read(&reader);
  assert_true(reader.failed);
  reader = reader_over(unit_hex(*state, "bbffffffffffffffff"));
  assert_int_equal(cbor_read_encoded(&reader).len, 0);
  assert_true(reader.failed);
  reader = reader_over(unit_hex(*state, "a1 01 82 02 43aabbcc 05"));
  assert_int_equal(cbor_read_encoded(&reader).len, 8);
  assert_int_equal(cbor_read(&reader).value, 5);
  assert_true(reader_done(&reader));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(the_first_item_ends_where_it_ends),
      UNIT_TEST(PM_01_claimed_counts_are_held_against_the_bytes_left),
      UNIT_TEST(PM_03_only_definite_untagged_forms),
      UNIT_TEST(texts_are_utf8),
      UNIT_TEST(integers_and_lengths_are_minimal),
      UNIT_TEST(PM_04_keys_are_unique_in_any_order),
      UNIT_TEST(keys_are_sorted_as_ctap2_says),
      UNIT_TEST(depth_and_items_are_bounded),
      UNIT_TEST(PM_06_integers_beyond_int64_have_no_value),
      UNIT_TEST(the_reader_stays_inside_of_what_was_not_walked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
