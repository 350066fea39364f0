#include "authority/refresh_token.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"

#define NAME_LENGTH 28 /* row, generation, ref */
#define TOKEN_LENGTH (NAME_LENGTH + SHA256_LENGTH)

static error_code_t name_mac(const secret_key_t *key, const uint8_t name[NAME_LENGTH], sha256_t *ret_mac)
{
  const bytes_t parts[] = {BYTES_LITERAL("name"), bytes_of(name, NAME_LENGTH)};
  return hash_hmac(key, parts, 2, ret_mac);
}

/* Encrypts and decrypts: the MAC is the nonce, as in RFC 5297. */
static error_code_t name_mask(const secret_key_t *key, const uint8_t *mac, uint8_t name[NAME_LENGTH])
{
  const bytes_t parts[] = {BYTES_LITERAL("mask"), bytes_of(mac, SHA256_LENGTH)};
  sha256_t pad;
  error_code_t error = hash_hmac(key, parts, 2, &pad);
  if (error != ERR_NONE)
    return error;
  for (size_t i = 0; i < NAME_LENGTH; i++)
    name[i] ^= pad.bytes[i];
  return ERR_NONE;
}

error_code_t refresh_token_build(arena_t *arena, const secret_key_t *key, const refresh_name_t *name,
                                 bytes_t *ret_text)
{
  uint8_t token[TOKEN_LENGTH];
  builder_t builder = builder_over(token, sizeof token);
  builder_add_u64be(&builder, (uint64_t)name->row);
  builder_add_u32be(&builder, name->generation);
  builder_add(&builder, bytes_of(name->ref.bytes, sizeof name->ref.bytes));
  sha256_t mac;
  error_code_t error = name_mac(key, token, &mac);
  if (error == ERR_NONE)
    error = name_mask(key, mac.bytes, token);
  if (error != ERR_NONE)
    return error;
  builder_add(&builder, hash_bytes(&mac));
  char *text = base64url_encode(arena, builder_bytes(&builder));
  secret_wipe(token, sizeof token);
  if (text == NULL)
    return ERR_NO_MEMORY;
  *ret_text = bytes_of_string(text);
  return ERR_NONE;
}

error_code_t refresh_token_parse(const secret_key_t *key, bytes_t text, refresh_name_t *ret_name)
{
  uint8_t token[TOKEN_LENGTH];
  if (text.len != REFRESH_TOKEN_LENGTH || base64url_decode_exact(text, token, sizeof token) != ERR_NONE)
    return ERR_MALFORMED;
  sha256_t mac;
  const uint8_t *shown = token + NAME_LENGTH;
  error_code_t error = name_mask(key, shown, token);
  if (error == ERR_NONE)
    error = name_mac(key, token, &mac);
  if (error == ERR_NONE && !secret_equal(hash_bytes(&mac), bytes_of(shown, SHA256_LENGTH)))
    error = ERR_MALFORMED;
  if (error == ERR_NONE) {
    reader_t reader = reader_over(bytes_of(token, NAME_LENGTH));
    ret_name->row = (int64_t)(reader_u64be(&reader) & INT64_MAX);
    ret_name->generation = reader_u32be(&reader);
    memcpy(ret_name->ref.bytes, reader_take(&reader, sizeof ret_name->ref.bytes).data,
           sizeof ret_name->ref.bytes);
  }
  secret_wipe(token, sizeof token);
  return error;
}
