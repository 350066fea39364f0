/* Key sets of others: what is taken, what is passed over, what makes the whole set useless. */
#include "openssl_errors.h"
#include "unit.h"

#include "crypto/jwk_set.h"
#include "crypto/signing_key.h"

#define EC                                                                                                   \
  "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","                  \
  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define OKP "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""

static void sets_are_read(void **state)
{
  static const struct {
    const char *what, *text;
    error_code_t error;
    size_t count;
  } rows[] = {
      {"one", "{\"keys\":[{" EC ",\"kid\":\"a\"}]}", ERR_NONE, 1},
      {"two of different kinds", "{\"keys\":[{" EC "},{" OKP ",\"use\":\"sig\"}]}", ERR_NONE, 2},
      {"other members beside keys", "{\"issuer\":\"x\",\"keys\":[{" EC "}]}", ERR_NONE, 1},
      {"an unknown kind is passed over", "{\"keys\":[{\"kty\":\"new\"},{" EC "}]}", ERR_NONE, 1},
      {"an unknown curve is passed over", "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-1\"},{" EC "}]}", ERR_NONE,
       1},
      {"for encryption", "{\"keys\":[{" EC ",\"use\":\"enc\"},{" OKP "}]}", ERR_NONE, 1},
      {"for other operations", "{\"keys\":[{" EC ",\"key_ops\":[\"sign\"]},{" OKP "}]}", ERR_NONE, 1},
      {"none that is left", "{\"keys\":[{" EC ",\"use\":\"enc\"}]}", ERR_KEY, 0},
      {"a private key", "{\"keys\":[{" EC ",\"d\":\"AA\"},{" OKP "}]}", ERR_KEY, 0},
      {"a secret", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"},{" OKP "}]}", ERR_KEY, 0},
      {"kid that is no text", "{\"keys\":[{" EC ",\"kid\":7}]}", ERR_KEY, 0},
      {"no object", "{\"keys\":[7]}", ERR_KEY, 0},
      {"keys that are no list", "{\"keys\":{}}", ERR_KEY, 0},
      {"no keys", "{}", ERR_KEY, 0},
      {"an empty list", "{\"keys\":[]}", ERR_KEY, 0},
      {"a list", "[{" EC "}]", ERR_KEY, 0},
      {"no JSON", "<html>", ERR_KEY, 0},
      {"nothing", "", ERR_KEY, 0},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
    jwk_set_t set = {.count = 0};
    error_code_t error = jwk_set_parse(*state, bytes_of_string(rows[i].text), NULL, &set);
    if (error != rows[i].error || set.count != rows[i].count)
      fail_msg("%s: %s, %zu keys", rows[i].what, error_info(error)->slug, set.count);
    jwk_set_done(&set);
  }
}

static error_code_t read_copies(arena_t *arena, size_t copies)
{
  builder_t text = arena_builder(arena, 65536);
  jwk_set_t set = {.count = 0};
  builder_add_string(&text, "{\"keys\":[");
  for (size_t i = 0; i < copies; i++)
    builder_add_string(&text, i > 0 ? ",{" EC "}" : "{" EC "}");
  builder_add_string(&text, "]}");
  assert_false(text.failed);
  error_code_t error = jwk_set_parse(arena, builder_bytes(&text), NULL, &set);
  jwk_set_done(&set);
  return error;
}

static void too_many_are_too_many(void **state)
{
  assert_int_equal(read_copies(*state, JWK_SET_MAX), ERR_NONE);
  assert_int_equal(read_copies(*state, JWK_SET_MAX + 1), ERR_KEY);
}

/* A set of keys that the test holds, by their ids; "": without. */
static jwk_set_t set_of(arena_t *arena, signing_key_t *const *keys, const char *const *ids, size_t count)
{
  CLEANUP(json_drop) json_t *body = json_object();
  json_t *list = json_array();
  jwk_set_t set;
  bytes_t text;
  for (size_t i = 0; i < count; i++) {
    json_t *jwk = jwk_build(signing_key_public(keys[i]), ids[i]);
    if (ids[i][0] == '\0')
      json_object_del(jwk, "kid");
    json_array_append_new(list, jwk);
  }
  json_object_set_new(body, "keys", list);
  assert_non_null(json_print(arena, body, &text));
  assert_ok(jwk_set_parse(arena, text, NULL, &set));
  return set;
}

static error_code_t verify(arena_t *arena, const jwk_set_t *set, const signing_key_t *key)
{
  bytes_t text;
  jws_t jws;
  assert_ok(jws_sign(arena, key, "JWT", BYTES_LITERAL("{\"a\":1}"), &text));
  assert_ok(jws_parse(arena, text, &jws));
  error_code_t error = jwk_set_verify(set, &jws);
  jws_done(&jws);
  return error;
}

static void keys_are_found_by_id_or_tried(void **state)
{
  signing_key_t *a, *b, *other;
  assert_ok(signing_key_generate(SIGNATURE_ES256, &a));
  assert_ok(signing_key_generate(SIGNATURE_ES256, &b));
  assert_ok(signing_key_generate(SIGNATURE_ES256, &other));
  signing_key_t *const keys[] = {a, b};
  const char *id_a = signing_key_id(a), *id_b = signing_key_id(b);
  jwk_set_t named = set_of(*state, keys, (const char *const[]){id_a, id_b}, 2);
  jwk_set_t nameless = set_of(*state, keys, (const char *const[]){"", ""}, 2);
  jwk_set_t swapped = set_of(*state, keys, (const char *const[]){id_b, id_a}, 2);
  assert_true(jwk_set_has(&named, bytes_of_string(id_a)));
  assert_false(jwk_set_has(&named, bytes_of_string(signing_key_id(other))));
  assert_false(jwk_set_has(&named, BYTES_NONE));
  assert_true(jwk_set_has(&nameless, BYTES_NONE));
  assert_int_equal(verify(*state, &named, a), ERR_NONE);
  assert_int_equal(verify(*state, &named, b), ERR_NONE);
  assert_int_equal(verify(*state, &nameless, b), ERR_NONE);
  assert_int_equal(verify(*state, &named, other), ERR_SIGNATURE);
  assert_int_equal(verify(*state, &nameless, other), ERR_SIGNATURE);
  assert_int_equal(verify(*state, &swapped, a), ERR_SIGNATURE); /* the id is that of another key */
  jwk_set_done(&named);
  jwk_set_done(&nameless);
  jwk_set_done(&swapped);
  signing_key_free(a);
  signing_key_free(b);
  signing_key_free(other);
}

int main(void)
{
  const struct CMUnitTest tests[] = {UNIT_TEST(sets_are_read), UNIT_TEST(too_many_are_too_many),
                                     UNIT_TEST(keys_are_found_by_id_or_tried)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
