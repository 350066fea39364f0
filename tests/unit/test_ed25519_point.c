#include "openssl_errors.h"
#include "unit.h"

#include <openssl/evp.h>

#include "crypto/ed25519_point.h"

static error_code_t check(arena_t *arena, const char *hex)
{
  return ed25519_point_check(unit_hex(arena, hex));
}

/* RFC 8032 §7.1, and the base point. */
static void points_of_the_curve_are_taken(void **state)
{
  assert_ok(check(*state, "5866666666666666666666666666666666666666666666666666666666666666"));
  assert_ok(check(*state, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
  assert_ok(check(*state, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  assert_ok(check(*state, "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
}

static void keys_that_openssl_makes_are_taken(void **state)
{
  for (int i = 0; i < 64; i++) {
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    uint8_t raw[32];
    size_t len = sizeof raw;
    assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &len), 1);
    assert_ok(ed25519_point_check(bytes_of(raw, len)));
    EVP_PKEY_free(key);
  }
}

static void points_of_small_order_are_refused(void **state)
{
  static const char *const CASES[] = {
      "0100000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000080",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0000000000000000000000000000000000000000000000000000000000000080",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  };
  for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
    assert_int_equal(check(*state, CASES[i]), ERR_KEY);
}

static void what_is_no_point_is_refused(void **state)
{
  static const char *const CASES[] = {
      "",
      "00",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = p */
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* y = p + 1, not canonical */
      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
      "0200000000000000000000000000000000000000000000000000000000000000", /* y = 2 is not on the curve */
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a00",
  };
  for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
    assert_int_equal(check(*state, CASES[i]), ERR_KEY);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(points_of_the_curve_are_taken),
      UNIT_TEST(keys_that_openssl_makes_are_taken),
      UNIT_TEST(points_of_small_order_are_refused),
      UNIT_TEST(what_is_no_point_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}
