#include "openssl_errors.h"
#include "unit.h"

#include "crypto/jwk.h"
#include "crypto/signing_key.h"

#define EC_X "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\""
#define EC_Y "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define EC_XY EC_X "," EC_Y
#define OKP_X "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define RSA_N                                                                                                \
  "\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"          \
  "BJECPebWKRXj"                                                                                             \
  "BZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"                             \
  "FDW2QvzqY368QQMicAtaSqzs8KJZgnY"                                                                          \
  "b9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_"           \
  "xBniIqbw0Ls1j"                                                                                            \
  "F44-csFCur-kEgU8awapJzKnqDKgw\""

static error_code_t parse(const char *text, public_key_t **ret_key)
{
  CLEANUP(json_drop) json_t *jwk = NULL;
  assert_ok(json_parse(bytes_of_string(text), &jwk));
  return jwk_parse(jwk, ret_key);
}

static error_code_t parse_code(const char *text)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  return parse(text, &key);
}

static void check_thumbprint(arena_t *arena, const char *jwk, const char *expected)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  bytes_t thumbprint;
  assert_ok(parse(jwk, &key));
  assert_ok(jwk_thumbprint(arena, key, &thumbprint));
  assert_text_equal(thumbprint, expected);
}

/* RFC 7638 §3.1 and RFC 8037 A.3. */
static void thumbprints_are_the_standards(void **state)
{
  check_thumbprint(*state,
                   "{\"kty\":\"RSA\"," RSA_N ",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}",
                   "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  check_thumbprint(*state, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"," OKP_X "}",
                   "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

static void public_keys_are_taken(void **state)
{
  static const char *const GOOD[] = {
      "{\"kty\":\"EC\",\"crv\":\"P-256\"," EC_XY "}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"use\":\"sig\",\"key_ops\":[\"verify\"]," EC_XY
      "}",
      "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\"," OKP_X ",\"unknown\":{}}",
      "{\"kty\":\"RSA\",\"e\":\"AQAB\"," RSA_N "}",
      "{\"kty\":\"RSA\",\"alg\":\"PS256\",\"e\":\"AQAB\"," RSA_N "}",
  };
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++)
    assert_ok(parse_code(GOOD[i]));
}

static void wrong_keys_are_refused(void **state)
{
  static const char *const BAD[] = {
      "{}",
      "[]",
      "{\"crv\":\"P-256\"," EC_XY "}",
      "{\"kty\":1,\"crv\":\"P-256\"," EC_XY "}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X "}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":1," EC_Y "}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X ",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1\"}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X ",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0=\"}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X ",\"y\":\"AMfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt\"}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X ",\"y\":\"\"}",
      /* The same 64 bytes, divided elsewhere. */
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVA\",\"y\":"
      "\"RcfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt\"}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"enc\"," EC_XY "}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"key_ops\":[\"encrypt\"]," EC_XY "}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"key_ops\":[]," EC_XY "}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":7," EC_XY "}",
      "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}",
      "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
      "{\"kty\":\"RSA\"," RSA_N ",\"e\":\"AQ\"}",
      "{\"kty\":\"RSA\"," RSA_N ",\"e\":\"AAEAAQ\"}",
      "{\"kty\":\"RSA\"," RSA_N "}",
  };
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(parse_code(BAD[i]), ERR_KEY);
}

static void other_types_and_contradictions_are_another_algorithm(void **state)
{
  static const char *const BAD[] = {
      "{\"kty\":\"EC\",\"crv\":\"secp256k1\"," EC_XY "}",
      "{\"kty\":\"EC\",\"crv\":\"p-256\"," EC_XY "}",
      "{\"kty\":\"EC\"," EC_XY "}",
      "{\"kty\":\"ec\",\"crv\":\"P-256\"," EC_XY "}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES384\"," EC_XY "}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"none\"," EC_XY "}",
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"HS256\"," EC_XY "}",
      "{\"kty\":\"OKP\",\"crv\":\"X25519\"," OKP_X "}",
      "{\"kty\":\"RSA\",\"crv\":\"P-256\",\"e\":\"AQAB\"," RSA_N "}",
      "{\"kty\":\"RSA\",\"alg\":\"PS384\",\"e\":\"AQAB\"," RSA_N "}",
      "{\"kty\":\"oct\"}",
  };
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(parse_code(BAD[i]), ERR_ALGORITHM);
}

static void private_members_are_refused(void **state)
{
  static const char *const NAMES[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++)
    assert_int_equal(parse_code(arena_format(*state, "{\"kty\":\"EC\",\"crv\":\"P-256\",%s,\"%s\":\"AAAA\"}",
                                             EC_XY, NAMES[i])),
                     ERR_KEY);
}

static void JW_15_what_is_published_has_no_private_member(void **state)
{
  static const signature_algorithm_t ALGORITHMS[] = {SIGNATURE_ES256, SIGNATURE_ES384, SIGNATURE_EDDSA,
                                                     SIGNATURE_RS256};
  static const char *const ALLOWED[] = {"kty", "crv", "x", "y", "n", "e", "alg", "use", "kid"};
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    CLEANUP(signing_key_drop) signing_key_t *key = NULL;
    CLEANUP(public_key_drop) public_key_t *same = NULL;
    assert_ok(signing_key_generate(ALGORITHMS[i], &key));
    CLEANUP(json_drop) json_t *jwk = jwk_build(signing_key_public(key), signing_key_id(key));
    size_t known = 0;
    for (size_t j = 0; j < ARRAY_LENGTH(ALLOWED); j++)
      known += json_object_get(jwk, ALLOWED[j]) != NULL ? 1 : 0;
    assert_int_equal(known, json_object_size(jwk));
    assert_string_equal(json_string_value(json_object_get(jwk, "use")), "sig");
    assert_non_null(json_object_get(jwk, "alg"));
    assert_string_equal(json_string_value(json_object_get(jwk, "kid")), signing_key_id(key));
    assert_ok(jwk_parse(jwk, &same));
    bytes_t thumbprint;
    assert_ok(jwk_thumbprint(*state, same, &thumbprint));
    assert_text_equal(thumbprint, signing_key_id(key));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(thumbprints_are_the_standards),
      cmocka_unit_test(public_keys_are_taken),
      cmocka_unit_test(wrong_keys_are_refused),
      cmocka_unit_test(other_types_and_contradictions_are_another_algorithm),
      UNIT_TEST(private_members_are_refused),
      UNIT_TEST(JW_15_what_is_published_has_no_private_member),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}
