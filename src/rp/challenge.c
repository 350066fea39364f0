#include "rp/challenge.h"

#include <string.h>

#include "crypto/hash.h"

#define MAC_LENGTH 32
#define HEAD_LENGTH (CHALLENGE_LENGTH - MAC_LENGTH)
#define STATEMENT_HEAD_LENGTH (STATEMENT_HASH_AT + STATEMENT_HASH_LENGTH)

_Static_assert(STATEMENT_HASH_AT == HEAD_LENGTH, "the hash lies behind what every challenge begins with");

/* Up to the MAC. The two kinds differ in length, so the MAC of one is none of the other. */
static size_t head_of(const challenge_t *challenge)
{
  return challenge->length == STATEMENT_CHALLENGE_LENGTH ? STATEMENT_HEAD_LENGTH : HEAD_LENGTH;
}

static error_code_t mac_of(const rp_keys_t *keys, const challenge_t *challenge, bytes_t terms,
                           sha256_t *ret_mac)
{
  const uint8_t kind = (uint8_t)challenge->length;
  const bytes_t parts[] = {bytes_of(challenge->bytes, head_of(challenge)), terms, bytes_of(&kind, 1)};
  return hash_hmac(&keys->challenge, parts, 3, ret_mac);
}

error_code_t challenge_build(const rp_keys_t *keys, int64_t expiry_ms, bytes_t terms,
                             const uint8_t nonce[RP_CHALLENGE_NONCE_LENGTH], const uint8_t *statement,
                             challenge_t *ret_challenge)
{
  static const uint8_t none[RP_CHALLENGE_NONCE_LENGTH];
  challenge_t challenge = {.expiry_ms = expiry_ms, .key_id = keys->id};
  challenge.length = statement != NULL ? STATEMENT_CHALLENGE_LENGTH : CHALLENGE_LENGTH;
  if (memcmp(nonce, none, sizeof(none)) == 0)
    random_fill(challenge.nonce, sizeof(challenge.nonce));
  else
    memcpy(challenge.nonce, nonce, sizeof(challenge.nonce));
  builder_t builder = builder_over(challenge.bytes, challenge.length);
  builder_add(&builder, bytes_of(challenge.nonce, sizeof(challenge.nonce)));
  builder_add_u64be(&builder, (uint64_t)expiry_ms);
  builder_add_u8(&builder, challenge.key_id);
  if (statement != NULL)
    builder_add(&builder, bytes_of(statement, STATEMENT_HASH_LENGTH));
  sha256_t mac;
  error_code_t error = mac_of(keys, &challenge, terms, &mac);
  if (error != ERR_NONE)
    return error;
  builder_add(&builder, bytes_of(mac.bytes, challenge.length - head_of(&challenge)));
  if (builder.failed)
    return ERR_INTERNAL;
  *ret_challenge = challenge;
  return ERR_NONE;
}

error_code_t challenge_parse(bytes_t bytes, challenge_t *ret_challenge)
{
  if (bytes.len != CHALLENGE_LENGTH && bytes.len != STATEMENT_CHALLENGE_LENGTH)
    return ERR_CHALLENGE;
  challenge_t challenge = {.length = bytes.len};
  memcpy(challenge.bytes, bytes.data, bytes.len);
  reader_t reader = reader_over(bytes);
  memcpy(challenge.nonce, reader_take(&reader, sizeof(challenge.nonce)).data, sizeof(challenge.nonce));
  uint64_t expiry = reader_u64be(&reader);
  challenge.key_id = reader_u8(&reader);
  if (reader.failed || expiry > INT64_MAX)
    return ERR_CHALLENGE;
  challenge.expiry_ms = (int64_t)expiry;
  *ret_challenge = challenge;
  return ERR_NONE;
}

error_code_t challenge_check(challenge_t *challenge, const rp_keys_t *keys, bytes_t terms, int64_t now_ms,
                             int64_t horizon_ms)
{
  if (challenge->key_id != keys->id)
    return ERR_CHALLENGE;
  sha256_t mac;
  error_code_t error = mac_of(keys, challenge, terms, &mac);
  if (error != ERR_NONE)
    return error;
  size_t head = head_of(challenge), length = challenge->length - head;
  if (!secret_equal(bytes_of(mac.bytes, length), bytes_of(challenge->bytes + head, length)))
    return ERR_CHALLENGE;
  if (now_ms >= challenge->expiry_ms || challenge->expiry_ms > horizon_ms)
    return ERR_CHALLENGE;
  challenge->horizon_ms = horizon_ms;
  return ERR_NONE;
}

bytes_t challenge_bytes(const challenge_t *challenge)
{
  return bytes_of(challenge->bytes, challenge->length);
}
