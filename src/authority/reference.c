#include "authority/reference.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/bearer.h"
#include "crypto/hash.h"

#define ROW_LENGTH 8

error_code_t reference_make(secret_key_t *ret_secret, uint8_t ret_hash[32])
{
  return bearer_make(ret_secret->bytes, ret_hash);
}

/* Encrypts and decrypts: the id is combined with bytes that only the mask key gives for this secret. */
static error_code_t row_mask(const secret_key_t *mask, const char *kind, const uint8_t *secret,
                             uint8_t row[ROW_LENGTH])
{
  const bytes_t parts[] = {bytes_of(secret, 32), bytes_of_string(kind)};
  sha256_t pad;
  error_code_t error = hash_hmac(mask, parts, 2, &pad);
  if (error != ERR_NONE)
    return error;
  for (size_t i = 0; i < ROW_LENGTH; i++)
    row[i] ^= pad.bytes[i];
  return ERR_NONE;
}

error_code_t reference_build(arena_t *arena, const secret_key_t *mask, const char *kind, int64_t row,
                             const secret_key_t *secret, bytes_t *ret_text)
{
  uint8_t plain[ROW_LENGTH + 32];
  builder_t builder = builder_over(plain, sizeof plain);
  builder_add_u64be(&builder, (uint64_t)row);
  builder_add(&builder, bytes_of(secret->bytes, sizeof secret->bytes));
  error_code_t error = row_mask(mask, kind, secret->bytes, plain);
  char *text = error == ERR_NONE ? base64url_encode(arena, builder_bytes(&builder)) : NULL;
  secret_wipe(plain, sizeof plain);
  if (error != ERR_NONE)
    return error;
  if (text == NULL)
    return ERR_NO_MEMORY;
  *ret_text = bytes_of_string(text);
  return ERR_NONE;
}

error_code_t reference_parse(const secret_key_t *mask, const char *kind, bytes_t text, int64_t *ret_row,
                             uint8_t ret_hash[32])
{
  uint8_t plain[ROW_LENGTH + 32];
  if (text.len != REFERENCE_LENGTH || base64url_decode_exact(text, plain, sizeof plain) != ERR_NONE)
    return ERR_MALFORMED;
  uint8_t hash[BEARER_HASH_LENGTH];
  error_code_t error = bearer_hash(plain + ROW_LENGTH, hash);
  if (error == ERR_NONE)
    error = row_mask(mask, kind, plain + ROW_LENGTH, plain);
  if (error == ERR_NONE) {
    reader_t reader = reader_over(bytes_of(plain, ROW_LENGTH));
    *ret_row = (int64_t)(reader_u64be(&reader) & INT64_MAX);
    memcpy(ret_hash, hash, sizeof hash);
  }
  secret_wipe(plain, sizeof plain);
  return error;
}
