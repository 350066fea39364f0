#include "crypto/seal.h"

#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "crypto/algorithms.h"

#define NONCE_LENGTH 12
#define TAG_LENGTH (SEAL_OVERHEAD - NONCE_LENGTH)
#define PLAIN_MAX (INT_MAX / 2) /* OpenSSL counts in int */

CLEANUP_FUNCTION(cipher_drop, EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

typedef enum direction { OPENING, SEALING } direction_t;

/* A context with key, nonce and purpose set, or NULL. */
static EVP_CIPHER_CTX *cipher_start(const secret_key_t *key, const char *purpose, const uint8_t *nonce,
                                    direction_t direction)
{
  const algorithms_t *algorithms = algorithms_held();
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  bytes_t bound = bytes_of_string(purpose);
  int len;
  if (algorithms == NULL || ctx == NULL || bound.len == 0 || bound.len > PLAIN_MAX ||
      EVP_CipherInit_ex2(ctx, algorithms->aes_256_gcm, key->bytes, nonce, direction == SEALING ? 1 : 0,
                         NULL) != 1 ||
      EVP_CipherUpdate(ctx, NULL, &len, bound.data, (int)bound.len) != 1) {
    EVP_CIPHER_CTX_free(ctx);
    return NULL;
  }
  return ctx;
}

/* GCM writes as many bytes as it reads. An empty text needs no call, and OpenSSL takes none with NULL. */
static bool transform(EVP_CIPHER_CTX *ctx, bytes_t input, uint8_t *output)
{
  int len = 0;
  return input.len == 0 ||
         (EVP_CipherUpdate(ctx, output, &len, input.data, (int)input.len) == 1 && (size_t)len == input.len);
}

error_code_t seal_close(arena_t *arena, const secret_key_t *key, const char *purpose, bytes_t plain,
                        bytes_t *ret_sealed)
{
  if (plain.len > PLAIN_MAX)
    return ERR_TOO_LARGE;
  uint8_t *sealed = arena_alloc(arena, plain.len + SEAL_OVERHEAD);
  if (sealed == NULL)
    return ERR_NO_MEMORY;
  random_fill(sealed, NONCE_LENGTH);
  CLEANUP(cipher_drop) EVP_CIPHER_CTX *ctx = cipher_start(key, purpose, sealed, SEALING);
  uint8_t *text = sealed + NONCE_LENGTH;
  int len;
  if (ctx == NULL || !transform(ctx, plain, text) || EVP_CipherFinal_ex(ctx, text + plain.len, &len) != 1 ||
      EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LENGTH, text + plain.len) != 1)
    return ERR_INTERNAL;
  *ret_sealed = bytes_of(sealed, plain.len + SEAL_OVERHEAD);
  return ERR_NONE;
}

error_code_t seal_open(arena_t *arena, const secret_key_t *key, const char *purpose, bytes_t sealed,
                       bytes_t *ret_plain)
{
  if (sealed.len < SEAL_OVERHEAD || sealed.len > PLAIN_MAX)
    return ERR_SEAL;
  bytes_t text = bytes_of(sealed.data + NONCE_LENGTH, sealed.len - SEAL_OVERHEAD);
  uint8_t tag[TAG_LENGTH]; /* OpenSSL wants it writable */
  memcpy(tag, text.data + text.len, TAG_LENGTH);
  uint8_t *plain = arena_alloc(arena, text.len + 1); /* room for the byte that Final may touch */
  if (plain == NULL)
    return ERR_NO_MEMORY;
  CLEANUP(cipher_drop) EVP_CIPHER_CTX *ctx = cipher_start(key, purpose, sealed.data, OPENING);
  if (ctx == NULL)
    return ERR_INTERNAL;
  int len;
  if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LENGTH, tag) != 1 || !transform(ctx, text, plain) ||
      EVP_CipherFinal_ex(ctx, plain + text.len, &len) != 1) {
    secret_wipe(plain, text.len); /* unauthenticated text must not be left lying about */
    return ERR_SEAL;
  }
  *ret_plain = bytes_of(plain, text.len);
  return ERR_NONE;
}
