/* Every allocation of OpenSSL and jansson fails once, one after the other: each call answers with an error,
 * gives nothing out and loses nothing (the leak checker looks on), and the same call succeeds afterwards. */
#include "openssl_errors.h"
#include "unit.h"

#include <openssl/crypto.h>

#include "crypto/hash.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "crypto/seal.h"

static long until_failure = -1; /* -1: none fails */
static bool has_failed;

static bool fails_now(void)
{
  if (until_failure < 0 || until_failure-- > 0)
    return false;
  has_failed = true;
  return true;
}

static void *openssl_malloc(size_t len, const char *file, int line)
{
  return fails_now() ? NULL : malloc(len);
}

static void *openssl_realloc(void *memory, size_t len, const char *file, int line)
{
  return fails_now() ? NULL : realloc(memory, len);
}

static void openssl_free(void *memory, const char *file, int line)
{
  free(memory);
}

static void *jansson_malloc(size_t len)
{
  return fails_now() ? NULL : malloc(len);
}

typedef struct world {
  arena_t *arena;
  signing_key_t *signer;
  bytes_t token;
  bytes_t jwk;
  bytes_t sealed;
} world_t;

static const secret_key_t KEY = {{1}};

static error_code_t read_key(world_t *world)
{
  CLEANUP(json_drop) json_t *jwk = NULL;
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  error_code_t code = json_parse(world->jwk, &jwk);
  return code != ERR_NONE ? code : jwk_parse(jwk, &key);
}

static error_code_t write_key(world_t *world)
{
  CLEANUP(json_drop) json_t *jwk = jwk_build(signing_key_public(world->signer), "k");
  bytes_t thumbprint;
  if (jwk == NULL)
    return ERR_NO_MEMORY;
  return jwk_thumbprint(world->arena, signing_key_public(world->signer), &thumbprint);
}

static error_code_t sign_token(world_t *world)
{
  bytes_t text;
  return jws_sign(world->arena, world->signer, "at+jwt", BYTES_LITERAL("{\"a\":1}"), &text);
}

static error_code_t take_token(world_t *world)
{
  jws_t jws;
  error_code_t code = jws_parse(world->arena, world->token, &jws);
  if (code != ERR_NONE)
    return code;
  code = jws_verify(&jws, signing_key_public(world->signer));
  jws_done(&jws);
  return code;
}

/* A failure must never turn no into yes. */
static error_code_t refuse_forged_token(world_t *world)
{
  jws_t jws;
  error_code_t code = jws_parse(world->arena, world->token, &jws);
  if (code != ERR_NONE)
    return code;
  jws.signing_input.len--;
  assert_int_not_equal(jws_verify(&jws, signing_key_public(world->signer)), ERR_NONE);
  jws_done(&jws);
  return ERR_NONE;
}

static error_code_t export_and_import(world_t *world)
{
  CLEANUP(signing_key_drop) signing_key_t *key = NULL;
  bytes_t der;
  error_code_t code = signing_key_export(world->arena, world->signer, &der);
  return code != ERR_NONE ? code : signing_key_import(signing_key_algorithm(world->signer), der, &key);
}

static error_code_t seal_and_open(world_t *world)
{
  bytes_t sealed, plain;
  error_code_t code = seal_close(world->arena, &KEY, "p", BYTES_LITERAL("x"), &sealed);
  return code != ERR_NONE ? code : seal_open(world->arena, &KEY, "p", world->sealed, &plain);
}

static error_code_t hash_all(world_t *world)
{
  secret_key_t derived;
  sha256_t hash;
  error_code_t code = hash_sha256(BYTES_LITERAL("x"), &hash);
  return code != ERR_NONE ? code : hash_derive_key(&KEY, "p", &derived);
}

/* Fails the first, the second, … allocation until the call gets through without meeting the failure; in
 * growing steps, since decoding a private key takes thousands. */
static void fail_each(world_t *world, error_code_t (*call)(world_t *world))
{
  assert_ok(call(world));
  for (long n = 0;; n += 1 + n / 20) {
    has_failed = false;
    until_failure = n;
    error_code_t code = call(world);
    until_failure = -1;
    ERR_clear_error();
    if (!has_failed) {
      assert_ok(code);
      return;
    }
    /* OpenSSL does without some allocations (its error queue, for one): success is right or an error. */
    assert_in_range(code, ERR_NONE, ERR_COUNT - 1);
    assert_ok(call(world));
  }
}

static void every_call_survives_each_failed_allocation(void **state)
{
  static const signature_algorithm_t ALGORITHMS[] = {SIGNATURE_ES256, SIGNATURE_EDDSA, SIGNATURE_RS256};
  static error_code_t (*const CALLS[])(world_t * world) = {
      read_key,          write_key,     sign_token, take_token, refuse_forged_token,
      export_and_import, seal_and_open, hash_all};
  world_t world = {.arena = *state};
  assert_ok(seal_close(*state, &KEY, "p", BYTES_LITERAL("x"), &world.sealed));
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    assert_ok(signing_key_generate(ALGORITHMS[i], &world.signer));
    assert_ok(jws_sign(*state, world.signer, "at+jwt", BYTES_LITERAL("{\"a\":1}"), &world.token));
    CLEANUP(json_drop) json_t *jwk = jwk_build(signing_key_public(world.signer), "k");
    assert_non_null(json_print(*state, jwk, &world.jwk));
    for (size_t j = 0; j < ARRAY_LENGTH(CALLS); j++)
      fail_each(&world, CALLS[j]);
    signing_key_free(world.signer);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      UNIT_TEST(every_call_survives_each_failed_allocation),
  };
  if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1)
    return 1;
  json_set_alloc_funcs(jansson_malloc, free);
  return cmocka_run_group_tests(tests, NULL, no_openssl_errors);
}
