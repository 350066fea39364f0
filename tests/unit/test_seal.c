#include "openssl_errors.h"
#include "unit.h"

#include "crypto/seal.h"

static const secret_key_t KEY = {{1, 2, 3}};

static bytes_t sealed(arena_t *arena, bytes_t plain)
{
  bytes_t result = BYTES_NONE;
  assert_ok(seal_close(arena, &KEY, "cookie", plain, &result));
  return result;
}

static void what_was_sealed_opens(void **state)
{
  static const bytes_t CASES[] = {
      BYTES_LITERAL("x"), BYTES_LITERAL("hello, world: longer than one block"), {NULL, 0}};
  for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
    bytes_t box = sealed(*state, CASES[i]);
    bytes_t plain;
    assert_int_equal(box.len, CASES[i].len + SEAL_OVERHEAD);
    assert_ok(seal_open(*state, &KEY, "cookie", box, &plain));
    assert_bytes_equal(plain, CASES[i]);
  }
}

static void two_seals_of_one_text_differ(void **state)
{
  assert_false(bytes_equal(sealed(*state, BYTES_LITERAL("x")), sealed(*state, BYTES_LITERAL("x"))));
}

static void another_key_or_purpose_does_not_open(void **state)
{
  bytes_t box = sealed(*state, BYTES_LITERAL("x"));
  bytes_t plain = BYTES_NONE;
  secret_key_t other = KEY;
  other.bytes[31] ^= 1;
  assert_int_equal(seal_open(*state, &other, "cookie", box, &plain), ERR_SEAL);
  assert_int_equal(seal_open(*state, &KEY, "cookie2", box, &plain), ERR_SEAL);
  assert_int_equal(seal_open(*state, &KEY, "cooki", box, &plain), ERR_SEAL);
  assert_null(plain.data);
  assert_int_equal(seal_close(*state, &KEY, "", BYTES_LITERAL("x"), &plain), ERR_INTERNAL);
}

static void any_changed_bit_and_any_other_length_is_refused(void **state)
{
  bytes_t box = sealed(*state, BYTES_LITERAL("hello"));
  bytes_t plain;
  for (size_t bit = 0; bit < box.len * 8; bit++) {
    bytes_t changed = arena_copy(*state, box);
    ((uint8_t *)(uintptr_t)changed.data)[bit / 8] ^= (uint8_t)(1U << bit % 8);
    assert_int_equal(seal_open(*state, &KEY, "cookie", changed, &plain), ERR_SEAL);
  }
  for (size_t len = 0; len < box.len; len++)
    assert_int_equal(seal_open(*state, &KEY, "cookie", bytes_of(box.data, len), &plain), ERR_SEAL);
  uint8_t longer[64] = {0};
  memcpy(longer, box.data, box.len);
  assert_int_equal(seal_open(*state, &KEY, "cookie", bytes_of(longer, box.len + 1), &plain), ERR_SEAL);
}

static void a_full_arena_is_no_seal(void **state)
{
  arena_t *small = arena_new(16, 16);
  bytes_t result;
  assert_int_equal(seal_close(small, &KEY, "cookie", BYTES_LITERAL("x"), &result), ERR_NO_MEMORY);
  assert_int_equal(
      seal_open(small, &KEY, "cookie", sealed(*state, BYTES_LITERAL("a text of 20 letters")), &result),
      ERR_NO_MEMORY);
  arena_free(small);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(what_was_sealed_opens),
      UNIT_TEST(two_seals_of_one_text_differ),
      UNIT_TEST(another_key_or_purpose_does_not_open),
      UNIT_TEST(any_changed_bit_and_any_other_length_is_refused),
      UNIT_TEST(a_full_arena_is_no_seal),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}
