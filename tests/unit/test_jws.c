#include "openssl_errors.h"
#include "unit.h"

#include "base/clock.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"

#define GOOD_PAYLOAD "{\"sub\":\"a\"}"

static signing_key_t *signer; /* ES256, for all tests of the group */

static int make_signer(void **state)
{
  return signing_key_generate(SIGNATURE_ES256, &signer) == ERR_NONE ? 0 : -1;
}

static int drop_signer(void **state)
{
  signing_key_free(signer);
  return no_openssl_errors(state);
}

/* A token with this header, well signed: what is refused is refused for its header or payload alone. */
static bytes_t token(arena_t *arena, const char *header, bytes_t payload)
{
  uint8_t signature[SIGNATURE_MAX_LENGTH];
  size_t len;
  char *input = arena_format(arena, "%s.%s", base64url_encode(arena, bytes_of_string(header)),
                             base64url_encode(arena, payload));
  assert_ok(signing_key_sign(signer, bytes_of_string(input), signature, &len));
  return bytes_of_string(
      arena_format(arena, "%s.%s", input, base64url_encode(arena, bytes_of(signature, len))));
}

static error_code_t take(arena_t *arena, bytes_t text)
{
  jws_t jws;
  error_code_t code = jws_parse(arena, text, &jws);
  if (code != ERR_NONE)
    return code;
  code = jws_verify(&jws, signing_key_public(signer));
  jws_done(&jws);
  return code;
}

static error_code_t take_header(arena_t *arena, const char *header)
{
  return take(arena, token(arena, header, BYTES_LITERAL(GOOD_PAYLOAD)));
}

/* The same place takes the good token: each refusal has the cause that its test names. */
static void good_tokens_are_taken(void **state)
{
  assert_ok(take_header(*state, "{\"alg\":\"ES256\"}"));
  assert_ok(take_header(*state, "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"k\",\"cty\":\"x\"}"));
}

/* RFC 7515 A.3. */
static void the_standards_example_verifies(void **state)
{
  static const char JWK[] =
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
      "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";
  static const char TOKEN[] =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
      "Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  CLEANUP(json_drop) json_t *jwk = NULL;
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  jws_t jws;
  assert_ok(json_parse(BYTES_LITERAL(JWK), &jwk));
  assert_ok(jwk_parse(jwk, &key));
  assert_ok(jws_parse(*state, BYTES_LITERAL(TOKEN), &jws));
  assert_ok(jws_verify(&jws, key));
  assert_string_equal(json_string_value(json_object_get(jws.payload, "iss")), "joe");
  assert_null(jws.type.data);
  assert_null(jws.key_id.data);
  assert_int_equal(jws_verify(&jws, signing_key_public(signer)), ERR_SIGNATURE);
  jws_done(&jws);
}

static void what_is_signed_parses_and_verifies(void **state)
{
  bytes_t text;
  jws_t jws;
  assert_ok(jws_sign(*state, signer, "at+jwt", BYTES_LITERAL(GOOD_PAYLOAD), &text));
  assert_ok(jws_parse(*state, text, &jws));
  assert_ok(jws_verify(&jws, signing_key_public(signer)));
  assert_text_equal(jws.type, "at+jwt");
  assert_text_equal(jws.key_id, signing_key_id(signer));
  assert_int_equal(jws.algorithm, SIGNATURE_ES256);
  jws_done(&jws);
}

static void JW_01_none_is_no_algorithm(void **state)
{
  static const char *const HEADERS[] = {
      "{\"alg\":\"none\"}",  "{\"alg\":\"None\"}",   "{\"alg\":\"nOnE\"}",
      "{\"alg\":\"NONE\"}",  "{\"alg\":\"\"}",       "{}",
      "{\"typ\":\"JWT\"}",   "{\"alg\":null}",       "{\"alg\":[\"ES256\"]}",
      "{\"alg\":\"es256\"}", "{\"alg\":\"ES256 \"}", "{\"alg\":\"HS256\"}",
      "{\"alg\":\"PS384\"}", "{\"alg\":\"ES256K\"}", "{\"alg\":\"ES256\\u0000\"}",
      "{\"alg\":-7}",
  };
  for (size_t i = 0; i < ARRAY_LENGTH(HEADERS); i++) {
    assert_int_equal(take_header(*state, HEADERS[i]), ERR_TOKEN);
    char *unsigned_token =
        arena_format(*state, "%s.%s.", base64url_encode(*state, bytes_of_string(HEADERS[i])),
                     base64url_encode(*state, BYTES_LITERAL(GOOD_PAYLOAD)));
    assert_int_equal(take(*state, bytes_of_string(unsigned_token)), ERR_TOKEN);
  }
  /* A known algorithm that is not the key's. */
  assert_int_equal(take_header(*state, "{\"alg\":\"ES384\"}"), ERR_SIGNATURE);
  assert_int_equal(take_header(*state, "{\"alg\":\"RS256\"}"), ERR_SIGNATURE);
}

static void JW_03_headers_bring_no_keys(void **state)
{
  static const char *const MEMBERS[] = {"\"jwk\":{}", "\"jku\":\"http://127.0.0.1:1/\"",
                                        "\"x5u\":\"http://127.0.0.1:1/\"", "\"x5c\":[\"AAAA\"]",
                                        "\"jwk\":null"};
  for (size_t i = 0; i < ARRAY_LENGTH(MEMBERS); i++)
    assert_int_equal(take_header(*state, arena_format(*state, "{\"alg\":\"ES256\",%s}", MEMBERS[i])),
                     ERR_TOKEN);
}

static void JW_04_key_ids_are_short_plain_text(void **state)
{
  static const char *const BAD[] = {"{}",   "1",         "null",          "[\"k\"]",
                                    "\"\"", "\"a\\nb\"", "\"a\\u0000b\"", "\"\\u001b\""};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(take_header(*state, arena_format(*state, "{\"alg\":\"ES256\",\"kid\":%s}", BAD[i])),
                     ERR_TOKEN);
  char *long_id = arena_alloc(*state, (1 << 20) + 1);
  memset(long_id, 'k', 1 << 20);
  char *header = arena_format(*state, "{\"alg\":\"ES256\",\"kid\":\"%s\"}", long_id);
  assert_int_equal(take_header(*state, header), ERR_TOKEN);
  long_id[257] = '\0';
  assert_int_equal(take_header(*state, arena_format(*state, "{\"alg\":\"ES256\",\"kid\":\"%s\"}", long_id)),
                   ERR_TOKEN);
  /* Odd but plain: whoever looks them up finds nothing. */
  assert_ok(take_header(*state, "{\"alg\":\"ES256\",\"kid\":\"../../dev/null\"}"));
  assert_ok(take_header(*state, "{\"alg\":\"ES256\",\"kid\":\"' OR 1=1--\"}"));
}

static void JW_06_other_serializations_are_refused(void **state)
{
  static const char *const TOKENS[] = {
      "{\"payload\":\"e30\",\"signatures\":[]}",
      "{\"payload\":\"e30\",\"protected\":\"eyJhbGciOiJFUzI1NiJ9\",\"signature\":\"AAAA\"}",
      "eyJhbGciOiJFUzI1NiJ9..AAAA",
      "eyJhbGciOiJFUzI1NiJ9.e30",
      "eyJhbGciOiJFUzI1NiJ9.e30.",
      ".e30.AAAA",
      "..",
      "",
  };
  for (size_t i = 0; i < ARRAY_LENGTH(TOKENS); i++)
    assert_int_equal(take(*state, bytes_of_string(TOKENS[i])), ERR_TOKEN);
  assert_int_equal(take_header(*state, "{\"alg\":\"ES256\",\"b64\":false,\"crit\":[\"b64\"]}"), ERR_TOKEN);
  assert_int_equal(take_header(*state, "{\"alg\":\"ES256\",\"b64\":true}"), ERR_TOKEN);
  assert_int_equal(take_header(*state, "{\"alg\":\"ES256\",\"crit\":[]}"), ERR_TOKEN);
  assert_int_equal(take_header(*state, "[\"alg\",\"ES256\"]"), ERR_TOKEN);
  /* A JWT inside a JWT is no object. */
  bytes_t inner = token(*state, "{\"alg\":\"ES256\"}", BYTES_LITERAL(GOOD_PAYLOAD));
  assert_int_equal(take(*state, token(*state, "{\"alg\":\"ES256\",\"cty\":\"JWT\"}", inner)), ERR_TOKEN);
}

static void check_type(arena_t *arena, const char *typ, const char *expected)
{
  jws_t jws;
  char *header = arena_format(arena, "{\"alg\":\"ES256\",\"typ\":\"%s\"}", typ);
  assert_ok(jws_parse(arena, token(arena, header, BYTES_LITERAL(GOOD_PAYLOAD)), &jws));
  assert_text_equal(jws.type, expected);
  jws_done(&jws);
}

static void JW_07_the_type_has_one_form_to_compare(void **state)
{
  check_type(*state, "at+jwt", "at+jwt");
  check_type(*state, "AT+JWT", "at+jwt");
  check_type(*state, "application/at+jwt", "at+jwt");
  check_type(*state, "Application/AT+jwt", "at+jwt");
  check_type(*state, "application/", "application/");
  check_type(*state, "application/application/at+jwt", "application/at+jwt");
  static const char *const BAD[] = {
      "1", "null", "[\"at+jwt\"]", "\"\"", "\"at+jwt\\u0000\"", "\"at+jwt\\n\""};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(take_header(*state, arena_format(*state, "{\"alg\":\"ES256\",\"typ\":%s}", BAD[i])),
                     ERR_TOKEN);
}

static void JW_09_encrypted_tokens_are_refused_by_their_parts(void **state)
{
  static const char *const HEADERS[] = {
      "{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}",
      "{\"alg\":\"PBES2-HS256+A128KW\",\"enc\":\"A128GCM\",\"p2s\":\"AAAA\",\"p2c\":2147483648}",
      "{\"alg\":\"RSA1_5\",\"enc\":\"A256GCM\"}",
      "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}",
  };
  for (size_t i = 0; i < ARRAY_LENGTH(HEADERS); i++) {
    const char *header = base64url_encode(*state, bytes_of_string(HEADERS[i]));
    assert_int_equal(take(*state, bytes_of_string(arena_format(*state, "%s.AAAA.AAAA.AAAA.AAAA", header))),
                     ERR_TOKEN);
    assert_int_equal(take(*state, bytes_of_string(arena_format(*state, "%s..AAAA.AAAA.AAAA", header))),
                     ERR_TOKEN);
    assert_int_equal(take_header(*state, HEADERS[i]), ERR_TOKEN);
  }
  assert_int_equal(take_header(*state, "{\"alg\":\"ES256\",\"zip\":\"DEF\"}"), ERR_TOKEN);
  assert_int_equal(take_header(*state, "{\"alg\":\"ES256\",\"enc\":\"A256GCM\"}"), ERR_TOKEN);
}

static void JW_10_size_is_checked_before_anything_is_taken(void **state)
{
  enum { MEGABYTE = 1 << 20 };
  uint8_t *text = arena_alloc(*state, MEGABYTE);
  memset(text, '.', MEGABYTE);
  arena_t *nothing = arena_new(16, 16); /* whatever takes memory answers ERR_NO_MEMORY */
  assert_int_equal(take(nothing, bytes_of(text, MEGABYTE)), ERR_TOKEN);
  assert_int_equal(take(nothing, bytes_of(text, JWS_MAX_LENGTH)), ERR_TOKEN);
  memset(text, 'e', MEGABYTE);
  text[10] = '.';
  text[MEGABYTE - 10] = '.';
  assert_int_equal(take(nothing, bytes_of(text, MEGABYTE)), ERR_TOKEN);
  text[10] = 'e';
  text[8000] = '.';
  text[16000] = '.';
  assert_int_equal(take(nothing, bytes_of(text, JWS_MAX_LENGTH)), ERR_TOKEN);
  arena_free(nothing);
  int64_t start_ms = clock_monotonic_ms();
  for (int i = 0; i < 100; i++)
    assert_int_equal(take(*state, bytes_of(text, JWS_MAX_LENGTH)), ERR_TOKEN);
  assert_true(clock_monotonic_ms() - start_ms < 500);
}

static void JW_10_tokens_beyond_the_limit_are_neither_taken_nor_made(void **state)
{
  char *name = arena_alloc(*state, JWS_MAX_LENGTH);
  memset(name, 'n', JWS_MAX_LENGTH - 1);
  bytes_t claims = bytes_of_string(arena_format(*state, "{\"sub\":\"%.12000s\"}", name));
  assert_true(token(*state, "{\"alg\":\"ES256\"}", claims).len < JWS_MAX_LENGTH);
  assert_ok(take(*state, token(*state, "{\"alg\":\"ES256\"}", claims)));
  bytes_t text;
  assert_ok(jws_sign(*state, signer, "at+jwt", claims, &text));
  claims = bytes_of_string(arena_format(*state, "{\"sub\":\"%.12300s\"}", name));
  assert_true(token(*state, "{\"alg\":\"ES256\"}", claims).len > JWS_MAX_LENGTH);
  assert_int_equal(take(*state, token(*state, "{\"alg\":\"ES256\"}", claims)), ERR_TOKEN);
  assert_int_equal(jws_sign(*state, signer, "at+jwt", claims, &text), ERR_TOO_LARGE);
}

static void JW_13_duplicate_claims_are_refused(void **state)
{
  assert_int_equal(
      take(*state, token(*state, "{\"alg\":\"ES256\"}", BYTES_LITERAL("{\"sub\":\"a\",\"sub\":\"b\"}"))),
      ERR_TOKEN);
  assert_int_equal(take_header(*state, "{\"alg\":\"ES256\",\"alg\":\"ES256\"}"), ERR_TOKEN);
  assert_int_equal(take_header(*state, "{\"alg\":\"none\",\"alg\":\"ES256\"}"), ERR_TOKEN);
}

static void payloads_are_strict_objects(void **state)
{
  static const bytes_t BAD[] = {BYTES_LITERAL("[]"),          BYTES_LITERAL("1"),
                                BYTES_LITERAL("\"x\""),       BYTES_LITERAL("{}x"),
                                BYTES_LITERAL("{\"a\":1}\0"), BYTES_LITERAL("{\"a\":\"\xff\"}")};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(take(*state, token(*state, "{\"alg\":\"ES256\"}", BAD[i])), ERR_TOKEN);
}

static void any_changed_character_is_refused(void **state)
{
  bytes_t good = token(*state, "{\"alg\":\"ES256\"}", BYTES_LITERAL(GOOD_PAYLOAD));
  assert_ok(take(*state, good));
  for (size_t i = 0; i < good.len; i++) {
    uint8_t *changed = (uint8_t *)arena_string(*state, good);
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    error_code_t code = take(*state, bytes_of(changed, good.len));
    assert_true(code == ERR_TOKEN || code == ERR_SIGNATURE);
    changed[i] = '=';
    assert_int_equal(take(*state, bytes_of(changed, good.len)), ERR_TOKEN);
  }
  assert_int_equal(take(*state, bytes_of_string(arena_format(*state, "%s ", (const char *)good.data))),
                   ERR_TOKEN);
  assert_int_equal(take(*state, bytes_of_string(arena_format(*state, "%s=", (const char *)good.data))),
                   ERR_TOKEN);
}

/* ECDSA in DER is WebAuthn's form, not JOSE's; and zeros sign nothing (CVE-2022-21449). */
static void other_signature_forms_are_refused(void **state)
{
  char *input = arena_format(*state, "%s.%s", base64url_encode(*state, BYTES_LITERAL("{\"alg\":\"ES256\"}")),
                             base64url_encode(*state, BYTES_LITERAL(GOOD_PAYLOAD)));
  static const uint8_t ZEROS[72];
  static const size_t LENGTHS[] = {1, 32, 63, 64, 65, 70, 72};
  for (size_t i = 0; i < ARRAY_LENGTH(LENGTHS); i++) {
    char *signature = base64url_encode(*state, bytes_of(ZEROS, LENGTHS[i]));
    assert_int_equal(take(*state, bytes_of_string(arena_format(*state, "%s.%s", input, signature))),
                     ERR_SIGNATURE);
  }
}

static error_code_t certified_code(arena_t *arena, const char *x5c)
{
  char *header = arena_format(arena, "{\"alg\":\"RS256\"%s%s}", x5c[0] != '\0' ? ",\"x5c\":" : "", x5c);
  char *text = arena_format(arena, "%s.%s.%s", base64url_encode(arena, bytes_of_string(header)),
                            base64url_encode(arena, BYTES_LITERAL("{}")),
                            base64url_encode(arena, BYTES_LITERAL("signature")));
  jws_t jws;
  jws_certificates_t certificates = {.count = 0};
  error_code_t code = jws_parse_certified(arena, bytes_of_string(text), &jws, &certificates);
  if (code == ERR_NONE) {
    assert_text_equal(certificates.der[0], "abcd");
    jws_done(&jws);
    if (x5c[0] != '\0') /* who does not ask for certificates gets no token that brings some */
      assert_int_equal(jws_parse(arena, bytes_of_string(text), &jws), ERR_TOKEN);
  }
  return code;
}

static void certificates_in_the_header_are_for_those_who_ask(void **state)
{
  static const char *const BAD[] = {
      "",
      "[]",
      "\"YWJjZA==\"",
      "[1]",
      "[\"\"]",
      "[\"YWJjZA\"]",
      "[\"YWJjZA=\"]",
      "[\"YWJjZB==\"]", /* stray bits */
      "[\"YWJj ZA==\"]",
      "[\"YWJjZA==\\n\\n\\n\\n\"]",
      "[\"-_-_\"]",
      "[\"YQ==\",\"YQ==\",\"YQ==\",\"YQ==\",\"YQ==\",\"YQ==\",\"YQ==\",\"YQ==\",\"YQ==\"]"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(certified_code(*state, BAD[i]), ERR_TOKEN);
  assert_ok(certified_code(*state, "[\"YWJjZA==\"]"));
  assert_ok(certified_code(*state, "[\"YWJjZA==\",\"YQ==\"]"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(good_tokens_are_taken),
      UNIT_TEST(the_standards_example_verifies),
      UNIT_TEST(what_is_signed_parses_and_verifies),
      UNIT_TEST(JW_01_none_is_no_algorithm),
      UNIT_TEST(JW_03_headers_bring_no_keys),
      UNIT_TEST(JW_04_key_ids_are_short_plain_text),
      UNIT_TEST(JW_06_other_serializations_are_refused),
      UNIT_TEST(JW_07_the_type_has_one_form_to_compare),
      UNIT_TEST(JW_09_encrypted_tokens_are_refused_by_their_parts),
      UNIT_TEST(JW_10_size_is_checked_before_anything_is_taken),
      UNIT_TEST(JW_10_tokens_beyond_the_limit_are_neither_taken_nor_made),
      UNIT_TEST(JW_13_duplicate_claims_are_refused),
      UNIT_TEST(payloads_are_strict_objects),
      UNIT_TEST(any_changed_character_is_refused),
      UNIT_TEST(other_signature_forms_are_refused),
      UNIT_TEST(certificates_in_the_header_are_for_those_who_ask),
  };
  return cmocka_run_group_tests(tests, make_signer, drop_signer);
}
