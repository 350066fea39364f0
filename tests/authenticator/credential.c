#include "credential.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/secret.h"
#include "cose_build.h"
#include "soft_check.h"

typedef struct soft_algorithm {
  int64_t number;
  const char *kind;            /* "RSA", a curve's group or a raw key's type */
  const EVP_MD *(*hash)(void); /* NULL: hashes inside */
  bool is_pss;
} soft_algorithm_t;

static const soft_algorithm_t ALGORITHMS[] = {
    {-7, "P-256", EVP_sha256, false},      {-9, "P-256", EVP_sha256, false},
    {-35, "P-384", EVP_sha384, false},     {-51, "P-384", EVP_sha384, false},
    {-36, "P-521", EVP_sha512, false},     {-52, "P-521", EVP_sha512, false},
    {-47, "secp256k1", EVP_sha256, false}, {-8, "ED25519", NULL, false},
    {-19, "ED25519", NULL, false},         {-53, "ED448", NULL, false},
    {-257, "RSA", EVP_sha256, false},      {-258, "RSA", EVP_sha384, false},
    {-259, "RSA", EVP_sha512, false},      {-37, "RSA", EVP_sha256, true},
    {-38, "RSA", EVP_sha384, true},        {-39, "RSA", EVP_sha512, true},
    {-65535, "RSA", EVP_sha1, false},      {-48, "ML-DSA-44", NULL, false},
    {-49, "ML-DSA-65", NULL, false},       {-50, "ML-DSA-87", NULL, false}}; /* from OpenSSL 3.5 on */

static const soft_algorithm_t *algorithm_of(int64_t number)
{
  for (size_t i = 0; i < sizeof(ALGORITHMS) / sizeof(ALGORITHMS[0]); i++)
    if (ALGORITHMS[i].number == number)
      return &ALGORITHMS[i];
  return NULL;
}

const EVP_MD *soft_hash(int64_t number)
{
  const soft_algorithm_t *algorithm = algorithm_of(number);
  return algorithm != NULL && algorithm->hash != NULL ? algorithm->hash() : EVP_sha256();
}

EVP_PKEY *soft_key_generate(int64_t number)
{
  const soft_algorithm_t *algorithm = algorithm_of(number);
  if (algorithm == NULL)
    return NULL;
  if (strcmp(algorithm->kind, "RSA") == 0)
    return EVP_RSA_gen(2048);
  bool is_raw = algorithm->hash == NULL; /* ML-DSA: NULL where OpenSSL has none */
  return is_raw ? EVP_PKEY_Q_keygen(NULL, NULL, algorithm->kind) : EVP_EC_gen(algorithm->kind);
}

static int64_t usual_algorithm(const EVP_PKEY *key)
{
  if (EVP_PKEY_is_a(key, "RSA"))
    return -257;
  if (!EVP_PKEY_is_a(key, "EC"))
    return -8;
  int bits = EVP_PKEY_get_bits(key);
  return bits == 521 ? -36 : bits == 384 ? -35 : -7;
}

void soft_sign(int64_t number, EVP_PKEY *key, bytes_t message, uint8_t *signature, size_t *len)
{
  const soft_algorithm_t *algorithm = algorithm_of(number != 0 ? number : usual_algorithm(key));
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *key_context = NULL;
  SOFT_MUST(algorithm != NULL && context != NULL);
  SOFT_MUST(EVP_DigestSignInit(context, &key_context, algorithm->hash != NULL ? algorithm->hash() : NULL,
                               NULL, key) == 1);
  if (algorithm->is_pss)
    SOFT_MUST(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) == 1);
  SOFT_MUST(EVP_DigestSign(context, signature, len, message.data, message.len) == 1);
  EVP_MD_CTX_free(context);
}

soft_credential_t *soft_credential_new(const char *rp_id, bytes_t user_handle, int64_t algorithm)
{
  soft_credential_t *credential = calloc(1, sizeof(*credential));
  SOFT_MUST(credential != NULL);
  credential->arena = arena_new(1024, 256 * 1024);
  credential->key = soft_key_generate(algorithm);
  SOFT_MUST(credential->arena != NULL && credential->key != NULL);
  uint8_t id[32];
  random_fill(id, sizeof(id));
  credential->algorithm = algorithm;
  credential->id = arena_copy(credential->arena, bytes_of(id, sizeof(id)));
  credential->user_handle = arena_copy(credential->arena, user_handle);
  credential->rp_id = arena_string(credential->arena, bytes_of_string(rp_id));
  credential->cose = cose_build(credential->arena, credential->key, algorithm, NULL);
  SOFT_MUST(credential->rp_id != NULL && credential->id.len == sizeof(id));
  return credential;
}

void soft_credential_free(soft_credential_t *credential)
{
  if (credential == NULL)
    return;
  EVP_PKEY_free(credential->key);
  arena_free(credential->arena);
  free(credential);
}

bytes_t soft_credential_id(const soft_credential_t *credential)
{
  return credential->id;
}

bytes_t soft_credential_cose(const soft_credential_t *credential)
{
  return credential->cose;
}

bytes_t soft_credential_user_handle(const soft_credential_t *credential)
{
  return credential->user_handle;
}

EVP_PKEY *soft_credential_key(const soft_credential_t *credential)
{
  return credential->key;
}

void soft_sha256(bytes_t message, uint8_t hash[32])
{
  SOFT_MUST(EVP_Digest(message.data, message.len, hash, NULL, EVP_sha256(), NULL) == 1);
}

void soft_client_data(builder_t *builder, const char *type, bytes_t challenge, const char *origin,
                      bool cross_origin, const char *top_origin)
{
  builder_add_string(builder, "{\"type\":");
  builder_add_json_string(builder, bytes_of_string(type));
  builder_add_string(builder, ",\"challenge\":");
  builder_add_json_string(builder, challenge);
  builder_add_string(builder, ",\"origin\":");
  builder_add_json_string(builder, bytes_of_string(origin));
  builder_add_string(builder, cross_origin ? ",\"crossOrigin\":true" : ",\"crossOrigin\":false");
  if (top_origin != NULL) {
    builder_add_string(builder, ",\"topOrigin\":");
    builder_add_json_string(builder, bytes_of_string(top_origin));
  }
  builder_add_string(builder, "}");
  SOFT_MUST(!builder->failed);
}

void soft_assertion_sign(const soft_credential_t *credential, bytes_t challenge, const char *origin,
                         uint8_t flags, uint32_t sign_count, soft_assertion_t *ret_assertion)
{
  builder_t json = builder_over(ret_assertion->client_data_json, sizeof(ret_assertion->client_data_json));
  soft_client_data(&json, "webauthn.get", challenge, origin, false, NULL);
  ret_assertion->client_data_length = json.len;
  uint8_t message[37 + 32], hash[32];
  soft_sha256(bytes_of_string(credential->rp_id), hash);
  builder_t builder = builder_over(message, sizeof(message));
  builder_add(&builder, bytes_of(hash, sizeof(hash)));
  builder_add_u8(&builder, flags);
  builder_add_u32be(&builder, sign_count);
  memcpy(ret_assertion->authenticator_data, message, 37);
  soft_sha256(builder_bytes(&json), hash);
  builder_add(&builder, bytes_of(hash, sizeof(hash)));
  ret_assertion->signature_length = sizeof(ret_assertion->signature);
  soft_sign(credential->algorithm, credential->key, bytes_of(message, sizeof(message)),
            ret_assertion->signature, &ret_assertion->signature_length);
}
