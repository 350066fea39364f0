#include "unit.h"

#include <openssl/evp.h>

#include "crypto/ed448_point.h"

#define ZEROS27 "000000000000000000000000000000000000000000000000000000"
#define ONES27 "ffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static error_code_t check(arena_t *arena, const char *hex)
{
  return ed448_point_check(unit_hex(arena, hex));
}

static void keys_that_openssl_makes_are_taken(void **state)
{
  for (int i = 0; i < 32; i++) {
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
    uint8_t raw[ED448_KEY_LENGTH];
    size_t len = sizeof raw;
    assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &len), 1);
    assert_ok(ed448_point_check(bytes_of(raw, len)));
    EVP_PKEY_free(key);
  }
  (void)state;
}

/* RFC 8032 §7.4, the first key. */
static void the_standards_key_is_taken(void **state)
{
  assert_ok(check(*state,
                  "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd67"
                  "83df1e50f6cd1fa1abeafe8256180"));
}

static void other_keys(void **state)
{
  static const char *const BAD[] = {
      "00" ZEROS27 "00" ZEROS27 "00", /* y = 0 */
      "01" ZEROS27 "00" ZEROS27 "00", /* y = 1 */
      "01" ZEROS27 "00" ZEROS27 "80", /* y = 1, x = -0 */
      "fe" ONES27 "fe" ONES27 "00",   /* y = -1 */
      "ff" ONES27 "fe" ONES27 "00",   /* y = p */
      "02" ZEROS27 "00" ZEROS27 "01", /* a bit beyond y and sign */
      "01" ZEROS27 "00" ZEROS27,      /* a byte short */
  };
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(check(*state, BAD[i]), ERR_KEY);
}

/* Of the values of y, half are on the curve. */
static void about_half_of_all_bytes_are_points(void **state)
{
  unsigned taken = 0;
  uint8_t raw[ED448_KEY_LENGTH] = {0};
  for (unsigned y = 2; y < 256; y++) {
    raw[0] = (uint8_t)y;
    taken += ed448_point_check(bytes_of(raw, sizeof raw)) == ERR_NONE;
  }
  assert_in_range(taken, 90, 164);
  (void)state;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(keys_that_openssl_makes_are_taken),
      UNIT_TEST(the_standards_key_is_taken),
      UNIT_TEST(other_keys),
      UNIT_TEST(about_half_of_all_bytes_are_points),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
