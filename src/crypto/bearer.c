#include "crypto/bearer.h"

#include <string.h>

#include "base/secret.h"
#include "crypto/hash.h"

error_code_t bearer_make(uint8_t ret_secret[BEARER_LENGTH], uint8_t ret_hash[BEARER_HASH_LENGTH])
{
  random_fill(ret_secret, BEARER_LENGTH);
  return bearer_hash(ret_secret, ret_hash);
}

error_code_t bearer_hash(const uint8_t secret[BEARER_LENGTH], uint8_t ret_hash[BEARER_HASH_LENGTH])
{
  sha256_t hash;
  error_code_t error = hash_sha256(bytes_of(secret, BEARER_LENGTH), &hash);
  if (error == ERR_NONE)
    memcpy(ret_hash, hash.bytes, BEARER_HASH_LENGTH);
  return error;
}
