#include "crypto_faults.h"

#include "../unit/unit.h"
#include "call_faults.h"

#include <openssl/err.h>

#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "crypto/seal.h"

typedef struct bench {
  arena_t *arena;
  signing_key_t *signer;
  bytes_t token, jwk, sealed;
} bench_t;

static const secret_key_t KEY = {{1}};

static error_code_t read_key(bench_t *bench)
{
  CLEANUP(json_drop) json_t *jwk = NULL;
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  error_code_t code = json_parse(bench->jwk, &jwk);
  return code != ERR_NONE ? code : jwk_parse(jwk, &key);
}

static error_code_t write_key(bench_t *bench)
{
  CLEANUP(json_drop) json_t *jwk = jwk_build(signing_key_public(bench->signer), "k");
  bytes_t thumbprint;
  if (jwk == NULL)
    return ERR_NO_MEMORY;
  return jwk_thumbprint(bench->arena, signing_key_public(bench->signer), &thumbprint);
}

static error_code_t sign_token(bench_t *bench)
{
  bytes_t text;
  return jws_sign(bench->arena, bench->signer, "at+jwt", BYTES_LITERAL("{\"a\":1}"), &text);
}

static error_code_t verify_token(bench_t *bench, size_t cut)
{
  CLEANUP(jws_done) jws_t jws = {0};
  error_code_t code = jws_parse(bench->arena, bench->token, &jws);
  if (code != ERR_NONE)
    return code;
  jws.signing_input.len -= cut;
  return jws_verify(&jws, signing_key_public(bench->signer));
}

static error_code_t take_token(bench_t *bench)
{
  return verify_token(bench, 0);
}

static error_code_t refuse_forged_token(bench_t *bench)
{
  assert_int_not_equal(verify_token(bench, 1), ERR_NONE);
  return ERR_NONE;
}

static error_code_t export_and_import(bench_t *bench)
{
  CLEANUP(signing_key_drop) signing_key_t *key = NULL;
  bytes_t der;
  error_code_t code = signing_key_export(bench->arena, bench->signer, &der);
  return code != ERR_NONE ? code : signing_key_import(signing_key_algorithm(bench->signer), der, &key);
}

/* A new key has no context ready to sign with. RSA keys take their time; what is called for them is the same.
 */
static error_code_t generate_and_sign(bench_t *bench)
{
  CLEANUP(signing_key_drop) signing_key_t *key = NULL;
  signature_algorithm_t algorithm = signing_key_algorithm(bench->signer);
  uint8_t signature[SIGNATURE_MAX_LENGTH];
  size_t len = sizeof(signature);
  if (algorithm == SIGNATURE_RS256)
    return ERR_NONE;
  error_code_t code = signing_key_generate(algorithm, &key);
  return code != ERR_NONE ? code : signing_key_sign(key, BYTES_LITERAL("x"), signature, &len);
}

/* Whether OpenSSL has it or not, a failure never means that it does. */
static error_code_t look_for_ml_dsa(bench_t *bench)
{
  static int known = -1;
  bool available = signature_is_available(signature_info(SIGNATURE_ML_DSA_44));
  assert_true(known != 0 || !available);
  if (known < 0)
    known = available;
  return ERR_NONE;
}

static error_code_t close_and_open(bench_t *bench)
{
  bytes_t sealed, plain;
  error_code_t code = seal_close(bench->arena, &KEY, "p", BYTES_LITERAL("x"), &sealed);
  return code != ERR_NONE ? code : seal_open(bench->arena, &KEY, "p", bench->sealed, &plain);
}

static error_code_t refuse_other_seal(bench_t *bench)
{
  bytes_t plain;
  assert_int_not_equal(seal_open(bench->arena, &KEY, "other purpose", bench->sealed, &plain), ERR_NONE);
  return ERR_NONE;
}

static error_code_t hash_and_derive(bench_t *bench)
{
  secret_key_t derived;
  sha256_t hash;
  error_code_t code = hash_sha256(BYTES_LITERAL("x"), &hash);
  return code != ERR_NONE ? code : hash_derive_key(&KEY, "p", &derived);
}

/* Of nobody but itself, for a hundred years; its key was thrown away. */
static const char CERTIFICATE[] = "-----BEGIN CERTIFICATE-----\n"
                                  "MIIBwjCCAWegAwIBAgIUe2XHL27OVjsfZqptfiyjz+bZoaYwCgYIKoZIzj0EAwIw\n"
                                  "JDEQMA4GA1UECgwHRXhhbXBsZTEQMA4GA1UEAwwHYmlsbGluZzAgFw0yNjExMjcx\n"
                                  "MjI0MjFaGA8yMTI2MTEwMzEyMjQyMVowJDEQMA4GA1UECgwHRXhhbXBsZTEQMA4G\n"
                                  "A1UEAwwHYmlsbGluZzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNpBbFEz9v5V\n"
                                  "9oQDdDrPIIRVEX3Rg9uRAECD95ZbQCcHgcmb6tmkUDJRYg4nJfMyUTKC4zvwgY+0\n"
                                  "ltrXF0DylmejdTBzMB0GA1UdDgQWBBR5RMZS4IJ3STez2BJ3KWETvDKKfzAfBgNV\n"
                                  "HSMEGDAWgBR5RMZS4IJ3STez2BJ3KWETvDKKfzAPBgNVHRMBAf8EBTADAQH/MCAG\n"
                                  "A1UdEQQZMBeCD2JpbGxpbmcuZXhhbXBsZYcEwAACBzAKBggqhkjOPQQDAgNJADBG\n"
                                  "AiEA3/9YcyPT/cjWr0I3tIkFp6ebPFIGJmMBfTNLb1PIHGYCIQD/gNgliouIRpM+\n"
                                  "q1kqvBGHtgluXDo+g2pc9bxO6BxglQ==\n"
                                  "-----END CERTIFICATE-----\n";
#define WITHIN_MS ((int64_t)1900000000 * 1000)

static error_code_t judge_certificate(bench_t *bench, const certificate_name_t *name, bool *ret_good)
{
  CLEANUP(trust_roots_drop) trust_roots_t *roots = NULL;
  bytes_t der;
  error_code_t code = certificate_of_pem(bench->arena, bytes_of_string(CERTIFICATE), &der);
  if (code == ERR_NONE)
    code = trust_roots_new(&roots);
  if (code == ERR_NONE)
    code = trust_roots_add_pem(roots, bytes_of_string(CERTIFICATE));
  *ret_good = code == ERR_NONE && certificate_name_is_readable(name) &&
              certificate_is_valid_at(der, WITHIN_MS) && certificate_is_vouched_for(der, roots, WITHIN_MS) &&
              certificate_has_name(der, name);
  return code;
}

static error_code_t take_certificate(bench_t *bench)
{
  static const certificate_name_t names[] = {{CERTIFICATE_SUBJECT_DN, "CN=billing,O=Example"},
                                             {CERTIFICATE_SAN_DNS, "billing.example"},
                                             {CERTIFICATE_SAN_IP, "192.0.2.7"}};
  for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
    bool good = false;
    error_code_t code = judge_certificate(bench, &names[i], &good);
    if (code != ERR_NONE || !good)
      return code != ERR_NONE ? code : ERR_SIGNATURE;
  }
  return ERR_NONE;
}

/* Whatever fails, nobody becomes somebody else, and no time or issuer becomes right. */
static error_code_t refuse_other_certificate(bench_t *bench)
{
  static const certificate_name_t names[] = {{CERTIFICATE_SUBJECT_DN, "CN=other,O=Example"},
                                             {CERTIFICATE_SAN_DNS, "other.example"},
                                             {CERTIFICATE_SAN_IP, "192.0.2.8"}};
  CLEANUP(trust_roots_drop) trust_roots_t *nobody = NULL;
  bytes_t der;
  for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
    bool good = false;
    (void)judge_certificate(bench, &names[i], &good);
    assert_false(good);
  }
  if (certificate_of_pem(bench->arena, bytes_of_string(CERTIFICATE), &der) != ERR_NONE)
    return ERR_NONE;
  assert_false(certificate_is_valid_at(der, 0));
  if (trust_roots_new(&nobody) == ERR_NONE)
    assert_false(certificate_is_vouched_for(der, nobody, WITHIN_MS));
  return ERR_NONE;
}

static void fail_each(bench_t *bench, error_code_t (*call)(bench_t *bench))
{
  bool has_struck = true;
  assert_ok(call(bench));
  for (long nth = 0; has_struck; nth++) {
    fault_arm(FAULT_OF_CALLS, nth);
    error_code_t code = call(bench);
    has_struck = fault_disarm();
    ERR_clear_error();
    assert_in_range(code, ERR_NONE, has_struck ? ERR_COUNT - 1 : ERR_NONE);
    assert_ok(call(bench));
  }
}

void tokens_keys_and_seals_whose_calls_fail(void **state)
{
  static const signature_algorithm_t ALGORITHMS[] = {SIGNATURE_ES256, SIGNATURE_EDDSA, SIGNATURE_RS256};
  static error_code_t (*const CALLS[])(bench_t * bench) = {read_key,
                                                           write_key,
                                                           sign_token,
                                                           take_token,
                                                           refuse_forged_token,
                                                           export_and_import,
                                                           generate_and_sign,
                                                           look_for_ml_dsa,
                                                           close_and_open,
                                                           refuse_other_seal,
                                                           hash_and_derive,
                                                           take_certificate,
                                                           refuse_other_certificate};
  bench_t bench = {.arena = *state};
  assert_ok(seal_close(*state, &KEY, "p", BYTES_LITERAL("x"), &bench.sealed));
  for (size_t i = 0; i < ARRAY_LENGTH(ALGORITHMS); i++) {
    assert_ok(signing_key_generate(ALGORITHMS[i], &bench.signer));
    assert_ok(jws_sign(*state, bench.signer, "at+jwt", BYTES_LITERAL("{\"a\":1}"), &bench.token));
    CLEANUP(json_drop) json_t *jwk = jwk_build(signing_key_public(bench.signer), "k");
    assert_non_null(json_print(*state, jwk, &bench.jwk));
    for (size_t j = 0; j < ARRAY_LENGTH(CALLS); j++)
      fail_each(&bench, CALLS[j]);
    signing_key_free(bench.signer);
  }
}
