#include "crypto/hash.h"

#include <string.h>

#include "base/cleanup.h"
#include "crypto/algorithms.h"

#define BLOCK_LENGTH 64

CLEANUP_FUNCTION(md_ctx_drop, EVP_MD_CTX, EVP_MD_CTX_free)

bytes_t hash_bytes(const sha256_t *hash)
{
  return bytes_of(hash->bytes, sizeof hash->bytes);
}

/* SHA-256 over prefix and then parts, in a context that may be used again afterwards. */
static bool digest(EVP_MD_CTX *ctx, bytes_t prefix, const bytes_t *parts, size_t count, sha256_t *ret_hash)
{
  const algorithms_t *algorithms = algorithms_held();
  if (ctx == NULL || algorithms == NULL || EVP_DigestInit_ex2(ctx, algorithms->sha256, NULL) != 1 ||
      EVP_DigestUpdate(ctx, prefix.data, prefix.len) != 1)
    return false;
  for (size_t i = 0; i < count; i++) {
    if (EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) != 1)
      return false;
  }
  sha256_t hash;
  unsigned len = 0;
  if (EVP_DigestFinal_ex(ctx, hash.bytes, &len) != 1 || len != sizeof hash.bytes)
    return false;
  *ret_hash = hash;
  return true;
}

error_code_t hash_sha256_of(const bytes_t *parts, size_t count, sha256_t *ret_hash)
{
  CLEANUP(md_ctx_drop) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  return digest(ctx, BYTES_NONE, parts, count, ret_hash) ? ERR_NONE : ERR_INTERNAL;
}

error_code_t hash_sha256(bytes_t message, sha256_t *ret_hash)
{
  return hash_sha256_of(&message, 1, ret_hash);
}

static void pad_key(const secret_key_t *key, uint8_t pad, uint8_t block[BLOCK_LENGTH])
{
  memset(block, pad, BLOCK_LENGTH);
  for (size_t i = 0; i < sizeof key->bytes; i++)
    block[i] = (uint8_t)(key->bytes[i] ^ pad);
}

/* RFC 2104 over the digest above: a quarter of the time of HMAC(), which fetches at every call. */
error_code_t hash_hmac(const secret_key_t *key, const bytes_t *parts, size_t count, sha256_t *ret_mac)
{
  CLEANUP(md_ctx_drop) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  uint8_t block[BLOCK_LENGTH];
  sha256_t inner;
  pad_key(key, 0x36, block);
  bool made = digest(ctx, bytes_of(block, sizeof block), parts, count, &inner);
  if (made) {
    const bytes_t inner_bytes = hash_bytes(&inner);
    pad_key(key, 0x5c, block);
    made = digest(ctx, bytes_of(block, sizeof block), &inner_bytes, 1, ret_mac);
  }
  secret_wipe(block, sizeof block);
  return made ? ERR_NONE : ERR_INTERNAL;
}

/* RFC 5869 with an empty salt (extract: 32 zero bytes are the key) and one block of output (expand). */
error_code_t hash_derive_key(const secret_key_t *key, const char *purpose, secret_key_t *ret_key)
{
  static const secret_key_t NO_SALT = {{0}};
  static const uint8_t FIRST_BLOCK = 1;
  const bytes_t input = bytes_of(key->bytes, sizeof key->bytes);
  const bytes_t info[] = {bytes_of_string(purpose), bytes_of(&FIRST_BLOCK, 1)};
  sha256_t extracted, expanded;
  error_code_t code = hash_hmac(&NO_SALT, &input, 1, &extracted);
  if (code != ERR_NONE)
    return code;
  CLEANUP(secret_key_wipe) secret_key_t extracted_key;
  memcpy(extracted_key.bytes, extracted.bytes, sizeof extracted_key.bytes);
  secret_wipe(&extracted, sizeof extracted);
  code = hash_hmac(&extracted_key, info, 2, &expanded);
  if (code == ERR_NONE)
    memcpy(ret_key->bytes, expanded.bytes, sizeof ret_key->bytes);
  secret_wipe(&expanded, sizeof expanded);
  return code;
}
