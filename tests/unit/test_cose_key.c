#include "unit.h"

#include "cbor_build.h"
#include "cose_build.h"
#include "credential.h"
#include "crypto/cose_key.h"

static error_code_t parse_code(bytes_t bytes)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  int64_t algorithm = 0;
  error_detail_t detail = {""};
  error_code_t code = cose_key_parse(bytes, &key, &algorithm, &detail);
  assert_true((code == ERR_NONE) == (key != NULL));
  assert_true((code == ERR_NONE) == (detail.text[0] == '\0'));
  return code;
}

static EVP_PKEY *key_of(int64_t algorithm)
{
  EVP_PKEY *key = soft_key_generate(algorithm);
  assert_non_null(key);
  return key;
}

static void the_algorithms_are_read(void **state)
{
  static const int64_t ALGORITHMS[] = {-7,  -9,  -35, -51, -36, -52,  -47,  -8,
                                       -19, -53, -37, -38, -39, -257, -258, -259};
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    EVP_PKEY *evp = key_of(ALGORITHMS[i]);
    CLEANUP(public_key_drop) public_key_t *key = NULL;
    int64_t algorithm = 0;
    bytes_t cose = cose_build(*state, evp, ALGORITHMS[i], NULL);
    assert_ok(cose_key_parse(cose, &key, &algorithm, NULL));
    assert_true(algorithm == ALGORITHMS[i]);
    assert_true(EVP_PKEY_eq(public_key_evp(key), evp) == 1);
    assert_ok(cose_key_parse(cose, NULL, &algorithm, NULL));
    EVP_PKEY_free(evp);
  }
}

static void PM_04_no_label_comes_twice(void **state)
{
  EVP_PKEY *key = key_of(-7);
  assert_int_equal(parse_code(cose_build(*state, key, -7, "duplicate-label")), ERR_CBOR);
  assert_int_equal(parse_code(cose_build(*state, key, -7, "duplicate-alg")), ERR_CBOR);
  EVP_PKEY_free(key);
}

static void the_form_is_canonical(void **state)
{
  EVP_PKEY *key = key_of(-7);
  static const char *const FAULTS[] = {"unsorted", "nonminimal", "indefinite", "truncated"};
  for (size_t i = 0; i < ARRAY_LENGTH(FAULTS); i++)
    assert_int_equal(parse_code(cose_build(*state, key, -7, FAULTS[i])), ERR_CBOR);
  EVP_PKEY_free(key);
}

static void PM_07_nothing_follows(void **state)
{
  EVP_PKEY *key = key_of(-7);
  bytes_t cose = cose_build(*state, key, -7, NULL);
  builder_t longer = arena_builder(*state, cose.len + 1);
  builder_add(&longer, cose);
  builder_add_u8(&longer, 0);
  assert_int_equal(parse_code(builder_bytes(&longer)), ERR_CBOR);
  assert_int_equal(parse_code(BYTES_NONE), ERR_CBOR);
  EVP_PKEY_free(key);
}

static void members_are_those_of_the_key_type(void **state)
{
  EVP_PKEY *key = key_of(-7);
  static const char *const FAULTS[] = {"extra-member", "compressed", "off-curve", "long-x", "no-alg"};
  for (size_t i = 0; i < ARRAY_LENGTH(FAULTS); i++)
    assert_int_equal(parse_code(cose_build(*state, key, -7, FAULTS[i])), ERR_KEY);
  EVP_PKEY_free(key);
}

static void the_algorithm_fits_the_key(void **state)
{
  EVP_PKEY *p256 = key_of(-7), *p384 = key_of(-35), *ed25519 = key_of(-8);
  assert_int_equal(parse_code(cose_build(*state, p256, -35, NULL)), ERR_KEY);
  assert_int_equal(parse_code(cose_build(*state, p384, -7, NULL)), ERR_KEY);
  assert_int_equal(parse_code(cose_build(*state, p256, -257, NULL)), ERR_KEY);
  assert_int_equal(parse_code(cose_build(*state, ed25519, -7, NULL)), ERR_KEY);
  assert_int_equal(parse_code(cose_build(*state, p256, -36, NULL)), ERR_KEY);
  assert_int_equal(parse_code(cose_build(*state, p256, -47, NULL)), ERR_KEY); /* as wide, another curve */
  assert_int_equal(parse_code(cose_build(*state, ed25519, -53, NULL)), ERR_KEY);
  EVP_PKEY_free(p256);
  EVP_PKEY_free(p384);
  EVP_PKEY_free(ed25519);
}

static void the_curve_is_the_one_named(void **state)
{
  EVP_PKEY *key = key_of(-7);
  bytes_t good = cose_build(*state, key, -7, NULL);
  uint8_t *other = arena_alloc(*state, good.len);
  memcpy(other, good.data, good.len);
  assert_int_equal(other[5], 0x20); /* the label of crv */
  for (uint8_t curve = 0; curve < 10; curve++) {
    other[6] = curve;
    assert_int_equal(parse_code(bytes_of(other, good.len)), curve == 1 ? ERR_NONE : ERR_KEY);
  }
  EVP_PKEY_free(key);
}

static void other_algorithms_are_refused_by_name(void **state)
{
  EVP_PKEY *key = key_of(-257);
  static const struct {
    int64_t number;
    const char *name;
  } ROWS[] = {{-65535, "RS1"}, {-48, "ML-DSA-44"}, {-49, "ML-DSA-65"}, {-50, "ML-DSA-87"}, {-999, "unknown"}};
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    const signature_info_t *info = signature_info(ROWS[i].number);
    bool is_available = info != NULL && info->algorithm != SIGNATURE_RS1 && signature_is_available(info);
    error_detail_t detail = {""};
    int64_t algorithm = 0;
    error_code_t code =
        cose_key_parse(cose_build(*state, key, ROWS[i].number, NULL), NULL, &algorithm, &detail);
    assert_int_equal(code, is_available ? ERR_KEY : ERR_ALGORITHM);
    assert_non_null(strstr(detail.text, ROWS[i].name));
  }
  EVP_PKEY_free(key);
}

static void RS1_is_read_by_who_asks_for_it(void **state)
{
  EVP_PKEY *key = key_of(-257);
  int64_t algorithm = 0;
  assert_ok(cose_key_parse_with_rs1(cose_build(*state, key, -65535, NULL), NULL, &algorithm, NULL));
  assert_int_equal(algorithm, SIGNATURE_RS1);
  assert_ok(cose_key_parse_with_rs1(cose_build(*state, key, -257, NULL), NULL, &algorithm, NULL));
  assert_int_equal(cose_key_parse_with_rs1(cose_build(*state, key, -999, NULL), NULL, &algorithm, NULL),
                   ERR_ALGORITHM);
  EVP_PKEY_free(key);
}

/* 32 zero bytes instead of pub: AKP keys have a size as well. */
static void ml_dsa_keys_have_their_size(void **state)
{
  bytes_t cose = unit_hex(*state, "a3 0107 03382f 205820 00000000000000000000000000000000"
                                  "00000000000000000000000000000000");
  bool is_available = signature_is_available(signature_info(SIGNATURE_ML_DSA_44));
  assert_int_equal(parse_code(cose), is_available ? ERR_KEY : ERR_ALGORITHM);
}

/* {1: 2, 3: alg, -1: 1, -2: x, -3: y}, alg as it is encoded. */
static bytes_t p256_with_algorithm(arena_t *arena, const char *algorithm)
{
  bytes_t encoded = unit_hex(arena, algorithm);
  builder_t builder = arena_builder(arena, 128);
  builder_add(&builder, unit_hex(arena, "a5010203"));
  builder_add(&builder, encoded);
  builder_add(&builder, unit_hex(arena, "2001215820"));
  for (size_t i = 0; i < 32; i++)
    builder_add_u8(&builder, 1);
  builder_add(&builder, unit_hex(arena, "225820"));
  for (size_t i = 0; i < 32; i++)
    builder_add_u8(&builder, 1);
  return builder_bytes(&builder);
}

static void PM_06_algorithms_at_the_limits_of_integers(void **state)
{
  assert_int_equal(parse_code(p256_with_algorithm(*state, "26")),
                   ERR_KEY); /* ES256; the point is off the curve */
  assert_int_equal(parse_code(p256_with_algorithm(*state, "1b8000000000000000")), ERR_KEY);
  assert_int_equal(parse_code(p256_with_algorithm(*state, "3b7fffffffffffffff")), ERR_ALGORITHM);
  assert_int_equal(parse_code(p256_with_algorithm(*state, "3b8000000000000000")), ERR_KEY);
  assert_int_equal(parse_code(p256_with_algorithm(*state, "1bffffffffffffffff")), ERR_KEY);
  assert_int_equal(parse_code(p256_with_algorithm(*state, "3b0000000100000006")),
                   ERR_ALGORITHM); /* -7 in 32 bits */
  assert_int_equal(parse_code(p256_with_algorithm(*state, "1afffffff9")), ERR_ALGORITHM);
  assert_int_equal(parse_code(p256_with_algorithm(*state, "41 26")), ERR_KEY);
  assert_int_equal(parse_code(unit_hex(*state, "a120 02")), ERR_KEY); /* label 1 as a negative */
}

static bytes_t rsa_key_of(arena_t *arena, bytes_t modulus, const char *exponent)
{
  builder_t builder = arena_builder(arena, 4096);
  cbor_add_map(&builder, 4);
  cbor_add_integer(&builder, 1);
  cbor_add_integer(&builder, 3);
  cbor_add_integer(&builder, 3);
  cbor_add_integer(&builder, -257);
  cbor_add_integer(&builder, -1);
  cbor_add_bytes(&builder, modulus);
  cbor_add_integer(&builder, -2);
  cbor_add_bytes(&builder, unit_hex(arena, exponent));
  assert_false(builder.failed);
  return builder_bytes(&builder);
}

/* zeros, then as many bytes as are said, from first to last. */
static bytes_t modulus(arena_t *arena, size_t zeros, size_t len, uint8_t first, uint8_t last)
{
  builder_t builder = arena_builder(arena, 4096);
  for (size_t i = 0; i < zeros; i++)
    builder_add_u8(&builder, 0);
  for (size_t i = 0; i < len; i++)
    builder_add_u8(&builder, i == 0 ? first : i + 1 == len ? last : 0x5a);
  assert_false(builder.failed);
  return builder_bytes(&builder);
}

static bytes_t rsa_key(arena_t *arena, size_t modulus_bytes, uint8_t first, uint8_t last,
                       const char *exponent)
{
  return rsa_key_of(arena, modulus(arena, 0, modulus_bytes, first, last), exponent);
}

static void WA_13_one_sign_byte_before_a_modulus_is_no_other_number(void **state)
{
  static const char F4[] = "010001";
  assert_ok(parse_code(rsa_key_of(*state, modulus(*state, 1, 256, 0x80, 1), F4)));
  assert_int_equal(parse_code(rsa_key_of(*state, modulus(*state, 2, 256, 0x80, 1), F4)), ERR_KEY);
  assert_int_equal(parse_code(rsa_key_of(*state, modulus(*state, 1, 256, 0x7f, 1), F4)), ERR_KEY);
  assert_int_equal(parse_code(rsa_key_of(*state, modulus(*state, 1, 0, 0, 0), F4)), ERR_KEY);
  assert_int_equal(parse_code(rsa_key(*state, 256, 0x80, 1, "00800001")), ERR_KEY); /* of e it is not taken */
}

static void WA_13_rsa_sizes_and_exponents(void **state)
{
  static const char F4[] = "010001";
  assert_ok(parse_code(rsa_key(*state, 256, 0x80, 1, F4)));
  assert_ok(parse_code(rsa_key(*state, 512, 0x80, 1, F4)));
  assert_ok(parse_code(rsa_key(*state, 1024, 0x80, 1, F4)));
  assert_int_equal(parse_code(rsa_key(*state, 64, 0x80, 1, F4)), ERR_KEY);
  assert_int_equal(parse_code(rsa_key(*state, 256, 0x7f, 1, F4)), ERR_KEY); /* 2047 bits */
  assert_int_equal(parse_code(rsa_key(*state, 1025, 0x01, 1, F4)), ERR_KEY);
  assert_int_equal(parse_code(rsa_key(*state, 2048, 0x80, 1, F4)), ERR_KEY);
  assert_int_equal(parse_code(rsa_key(*state, 256, 0x80, 2, F4)), ERR_KEY); /* even */
  assert_int_equal(parse_code(rsa_key(*state, 257, 0x00, 1, F4)), ERR_KEY); /* a zero that is no sign byte */
  assert_int_equal(parse_code(rsa_key(*state, 256, 0x80, 1, "01")), ERR_KEY);
  assert_int_equal(parse_code(rsa_key(*state, 256, 0x80, 1, "00010001")), ERR_KEY);
  assert_int_equal(parse_code(rsa_key(*state, 256, 0x80, 1, "010000")), ERR_KEY);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(the_algorithms_are_read),
      UNIT_TEST(PM_04_no_label_comes_twice),
      UNIT_TEST(the_form_is_canonical),
      UNIT_TEST(PM_07_nothing_follows),
      UNIT_TEST(members_are_those_of_the_key_type),
      UNIT_TEST(the_algorithm_fits_the_key),
      UNIT_TEST(the_curve_is_the_one_named),
      UNIT_TEST(other_algorithms_are_refused_by_name),
      UNIT_TEST(RS1_is_read_by_who_asks_for_it),
      UNIT_TEST(ml_dsa_keys_have_their_size),
      UNIT_TEST(PM_06_algorithms_at_the_limits_of_integers),
      UNIT_TEST(WA_13_rsa_sizes_and_exponents),
      UNIT_TEST(WA_13_one_sign_byte_before_a_modulus_is_no_other_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
