#include "crypto/signing_key.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/algorithms.h"
#include "crypto/ecdsa_signature.h"
#include "crypto/jwk.h"

#define RSA_BITS 2048
#define PKCS8_MAX (16 * 1024)
#define ID_LENGTH 43 /* 32 bytes in base64url */
#define READY_MOST 8 /* contexts kept: more threads than that do not sign at once for long */

/* Contexts set up for signing, lent out one at a time. A pool in the key gives each signing thread one, as
 * thread-local storage would, and lets all of them go, with the private key they refer to, when the key goes.
 */
struct signing_key {
  EVP_PKEY *evp;
  public_key_t *public_half;
  char id[ID_LENGTH + 1];
  pthread_mutex_t lock;
  EVP_PKEY_CTX *ready[READY_MOST]; /* under lock */
  size_t ready_count;
};

CLEANUP_FUNCTION(evp_drop, EVP_PKEY, EVP_PKEY_free)
CLEANUP_FUNCTION(md_ctx_drop, EVP_MD_CTX, EVP_MD_CTX_free)
CLEANUP_FUNCTION(pkcs8_drop, PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
CLEANUP_FUNCTION(arena_drop, arena_t, arena_free)

void signing_key_free(signing_key_t *key)
{
  if (key == NULL)
    return;
  for (size_t i = 0; i < key->ready_count; i++)
    EVP_PKEY_CTX_free(key->ready[i]);
  pthread_mutex_destroy(&key->lock);
  public_key_free(key->public_half);
  EVP_PKEY_free(key->evp);
  free(key);
}

const char *signing_key_id(const signing_key_t *key)
{
  return key->id;
}

signature_algorithm_t signing_key_algorithm(const signing_key_t *key)
{
  return public_key_algorithm(key->public_half);
}

const public_key_t *signing_key_public(const signing_key_t *key)
{
  return key->public_half;
}

static error_code_t set_id(signing_key_t *key)
{
  CLEANUP(arena_drop) arena_t *arena = arena_new(128, 4096);
  bytes_t id;
  if (arena == NULL)
    return ERR_NO_MEMORY;
  error_code_t code = jwk_thumbprint(arena, key->public_half, &id);
  if (code != ERR_NONE)
    return code;
  if (id.len != ID_LENGTH)
    return ERR_INTERNAL;
  memcpy(key->id, id.data, ID_LENGTH);
  return ERR_NONE;
}

/* Takes its own reference to evp. */
static error_code_t adopt(signature_algorithm_t algorithm, EVP_PKEY *evp, signing_key_t **ret_key)
{
  CLEANUP(signing_key_drop) signing_key_t *key = calloc(1, sizeof *key);
  if (key == NULL)
    return ERR_NO_MEMORY;
  pthread_mutex_init(&key->lock, NULL);
  error_code_t code = public_key_from_evp(algorithm, evp, &key->public_half);
  if (code != ERR_NONE)
    return code;
  if (EVP_PKEY_up_ref(evp) != 1)
    return ERR_INTERNAL;
  key->evp = evp;
  code = set_id(key);
  if (code != ERR_NONE)
    return code;
  *ret_key = key;
  key = NULL;
  return ERR_NONE;
}

static EVP_PKEY *generate(signature_algorithm_t algorithm)
{
  switch (algorithm) {
  case SIGNATURE_ES256:
    return EVP_EC_gen("P-256");
  case SIGNATURE_ES384:
    return EVP_EC_gen("P-384");
  case SIGNATURE_EDDSA:
    return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  case SIGNATURE_RS256:
    return EVP_RSA_gen(RSA_BITS);
  default: /* not among those that we sign with */
    return NULL;
  }
}

error_code_t signing_key_generate(signature_algorithm_t algorithm, signing_key_t **ret_key)
{
  CLEANUP(evp_drop) EVP_PKEY *evp = generate(algorithm);
  if (evp == NULL)
    return ERR_INTERNAL;
  return adopt(algorithm, evp, ret_key);
}

error_code_t signing_key_export(arena_t *arena, const signing_key_t *key, bytes_t *ret_der)
{
  CLEANUP(pkcs8_drop) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->evp);
  if (info == NULL)
    return ERR_INTERNAL;
  uint8_t *der = NULL;
  int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  if (len <= 0)
    return ERR_INTERNAL;
  bytes_t copy = arena_copy(arena, bytes_of(der, (size_t)len));
  OPENSSL_clear_free(der, (size_t)len);
  if (copy.data == NULL)
    return ERR_NO_MEMORY;
  *ret_der = copy;
  return ERR_NONE;
}

error_code_t signing_key_import(signature_algorithm_t algorithm, bytes_t der, signing_key_t **ret_key)
{
  if (der.len == 0 || der.len > PKCS8_MAX)
    return ERR_KEY;
  const uint8_t *end = der.data;
  CLEANUP(pkcs8_drop) PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &end, (long)der.len);
  CLEANUP(evp_drop) EVP_PKEY *evp = info != NULL && end == der.data + der.len ? EVP_PKCS82PKEY(info) : NULL;
  if (evp == NULL) {
    ERR_clear_error();
    return ERR_KEY;
  }
  return adopt(algorithm, evp, ret_key);
}

/* A ready context, or NULL when all are lent. The pool is the one part of a key that changes: it only caches.
 */
static EVP_PKEY_CTX *pool_take(signing_key_t *key)
{
  EVP_PKEY_CTX *ctx = NULL;
  pthread_mutex_lock(&key->lock);
  if (key->ready_count > 0)
    ctx = key->ready[--key->ready_count];
  pthread_mutex_unlock(&key->lock);
  return ctx;
}

static void pool_give(signing_key_t *key, EVP_PKEY_CTX *ctx)
{
  pthread_mutex_lock(&key->lock);
  if (key->ready_count < READY_MOST) {
    key->ready[key->ready_count++] = ctx;
    ctx = NULL;
  }
  pthread_mutex_unlock(&key->lock);
  EVP_PKEY_CTX_free(ctx);
}

static EVP_PKEY_CTX *context_new(const signing_key_t *key, const EVP_MD *md)
{
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->evp, NULL);
  bool is_rsa = signing_key_algorithm(key) == SIGNATURE_RS256;
  if (ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
      (!is_rsa || (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
                   EVP_PKEY_CTX_set_signature_md(ctx, md) == 1)))
    return ctx;
  EVP_PKEY_CTX_free(ctx);
  return NULL;
}

/* ECDSA in DER, RSA as it is. A context that failed is not kept. */
static error_code_t sign_hash(const signing_key_t *key, bytes_t message, uint8_t *signature, size_t *len)
{
  const algorithms_t *algorithms = algorithms_held();
  if (algorithms == NULL)
    return ERR_INTERNAL;
  const EVP_MD *md = signing_key_algorithm(key) == SIGNATURE_ES384 ? algorithms->sha384 : algorithms->sha256;
  uint8_t hash[EVP_MAX_MD_SIZE];
  unsigned hash_len;
  if (EVP_Digest(message.data, message.len, hash, &hash_len, md, NULL) != 1)
    return ERR_INTERNAL;
  signing_key_t *pool = (signing_key_t *)(uintptr_t)key;
  EVP_PKEY_CTX *ctx = pool_take(pool);
  if (ctx == NULL)
    ctx = context_new(key, md);
  if (ctx == NULL)
    return ERR_INTERNAL;
  if (EVP_PKEY_sign(ctx, signature, len, hash, hash_len) != 1) {
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return ERR_INTERNAL;
  }
  pool_give(pool, ctx);
  return ERR_NONE;
}

/* EdDSA signs the message, not its hash, and OpenSSL 3.0 keeps no context for it. */
static error_code_t sign_eddsa(const signing_key_t *key, bytes_t message, uint8_t *signature, size_t *len)
{
  CLEANUP(md_ctx_drop) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  if (ctx == NULL || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->evp) != 1 ||
      EVP_DigestSign(ctx, signature, len, message.data, message.len) != 1)
    return ERR_INTERNAL;
  return ERR_NONE;
}

error_code_t signing_key_sign(const signing_key_t *key, bytes_t message, uint8_t *signature, size_t *ret_len)
{
  signature_algorithm_t algorithm = signing_key_algorithm(key);
  size_t len = SIGNATURE_MAX_LENGTH;
  if (algorithm == SIGNATURE_EDDSA || algorithm == SIGNATURE_RS256) {
    error_code_t code = algorithm == SIGNATURE_EDDSA ? sign_eddsa(key, message, signature, &len)
                                                     : sign_hash(key, message, signature, &len);
    if (code == ERR_NONE)
      *ret_len = len;
    return code;
  }
  uint8_t der[SIGNATURE_MAX_LENGTH];
  error_code_t code = sign_hash(key, message, der, &len);
  if (code != ERR_NONE)
    return code;
  if (ecdsa_signature_to_jose(algorithm, bytes_of(der, len), signature, ret_len) != ERR_NONE)
    return ERR_INTERNAL;
  return ERR_NONE;
}
