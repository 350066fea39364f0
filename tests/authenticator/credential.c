#include "credential.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/secret.h"
#include "cose_build.h"
#include "soft_check.h"

EVP_PKEY *soft_key_generate(int64_t algorithm)
{
  switch (algorithm) {
  case -7:
    return EVP_EC_gen("P-256");
  case -35:
    return EVP_EC_gen("P-384");
  case -8:
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  case -257:
    return EVP_RSA_gen(2048);
  default:
    return NULL;
  }
}

soft_credential_t *soft_credential_new(const char *rp_id, bytes_t user_handle, int64_t algorithm)
{
  soft_credential_t *credential = calloc(1, sizeof(*credential));
  SOFT_MUST(credential != NULL);
  credential->arena = arena_new(1024, 64 * 1024);
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
  const EVP_MD *digest = EVP_sha256();
  if (credential->algorithm == -8)
    digest = NULL;
  else if (credential->algorithm == -35)
    digest = EVP_sha384();
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  ret_assertion->signature_length = sizeof(ret_assertion->signature);
  SOFT_MUST(context != NULL && EVP_DigestSignInit(context, NULL, digest, NULL, credential->key) == 1);
  SOFT_MUST(EVP_DigestSign(context, ret_assertion->signature, &ret_assertion->signature_length, message,
                           sizeof(message)) == 1);
  EVP_MD_CTX_free(context);
}
