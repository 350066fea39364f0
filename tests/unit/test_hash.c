#include "openssl_errors.h"
#include "unit.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "crypto/hash.h"

static bytes_t sha256(arena_t *arena, bytes_t message)
{
  sha256_t hash;
  assert_ok(hash_sha256(message, &hash));
  return arena_copy(arena, hash_bytes(&hash));
}

/* FIPS 180-4, appendix of examples. */
static void sha256_is_fips_180_4(void **state)
{
  assert_bytes_equal(sha256(*state, BYTES_LITERAL("abc")),
                     unit_hex(*state, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  assert_bytes_equal(sha256(*state, BYTES_NONE),
                     unit_hex(*state, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

static void parts_are_joined(void **state)
{
  const bytes_t parts[] = {BYTES_LITERAL("a"), BYTES_NONE, BYTES_LITERAL("bc")};
  sha256_t hash;
  assert_ok(hash_sha256_of(parts, ARRAY_LENGTH(parts), &hash));
  assert_bytes_equal(hash_bytes(&hash), sha256(*state, BYTES_LITERAL("abc")));
}

/* RFC 4231 §4.2 to §4.4: their keys are shorter, and HMAC pads keys with zeros anyway. */
static void hmac_is_rfc_4231(void **state)
{
  secret_key_t key = {{0}};
  memset(key.bytes, 0x0b, 20);
  const bytes_t first = BYTES_LITERAL("Hi There");
  sha256_t mac;
  assert_ok(hash_hmac(&key, &first, 1, &mac));
  assert_bytes_equal(hash_bytes(&mac),
                     unit_hex(*state, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
  memset(key.bytes, 0, sizeof key.bytes);
  memcpy(key.bytes, "Jefe", 4);
  const bytes_t second[] = {BYTES_LITERAL("what do ya want "), BYTES_LITERAL("for nothing?")};
  assert_ok(hash_hmac(&key, second, 2, &mac));
  assert_bytes_equal(hash_bytes(&mac),
                     unit_hex(*state, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

/* OpenSSL's own HKDF is the oracle. */
static void derived_keys_are_hkdf(void **state)
{
  secret_key_t key, derived;
  random_fill(key.bytes, sizeof key.bytes);
  assert_ok(hash_derive_key(&key, "session cookie", &derived));
  EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
  EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
  char digest[] = "SHA256", info[] = "session cookie";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.bytes, sizeof key.bytes),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, strlen(info)),
      OSSL_PARAM_construct_end(),
  };
  uint8_t expected[32];
  assert_int_equal(EVP_KDF_derive(ctx, expected, sizeof expected, parameters), 1);
  assert_memory_equal(derived.bytes, expected, sizeof expected);
  EVP_KDF_CTX_free(ctx);
  EVP_KDF_free(kdf);
}

static void purposes_and_keys_give_other_keys(void **state)
{
  secret_key_t key = {{1}}, other = {{2}}, a, b, c;
  assert_ok(hash_derive_key(&key, "a", &a));
  assert_ok(hash_derive_key(&key, "b", &b));
  assert_ok(hash_derive_key(&other, "a", &c));
  assert_memory_not_equal(a.bytes, b.bytes, 32);
  assert_memory_not_equal(a.bytes, c.bytes, 32);
  assert_ok(hash_derive_key(&key, "a", &key)); /* in place */
  assert_memory_equal(a.bytes, key.bytes, 32);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(sha256_is_fips_180_4),
      UNIT_TEST(parts_are_joined),
      UNIT_TEST(hmac_is_rfc_4231),
      UNIT_TEST(derived_keys_are_hkdf),
      UNIT_TEST(purposes_and_keys_give_other_keys),
  };
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}
