#include "authority/gateway_entry.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/seal.h"
#include "policy/decision.h"

#define PURPOSE "gateway entry"

error_code_t gateway_entry_challenge(const secret_key_t *verifier, sha256_t *ret_challenge)
{
  uint8_t text[BASE64URL_LENGTH(sizeof verifier->bytes)];
  base64url_write(bytes_of(verifier->bytes, sizeof verifier->bytes), text);
  error_code_t error = hash_sha256(bytes_of(text, sizeof text), ret_challenge);
  secret_wipe(text, sizeof text);
  return error;
}

error_code_t gateway_entry_seal(arena_t *arena, const domain_t *domain, const gateway_entry_t *entry,
                                bytes_t browser, int64_t now_ms, bytes_t *ret_state)
{
  sha256_t hash;
  bytes_t sealed;
  error_code_t error = hash_sha256(browser, &hash);
  if (error != ERR_NONE)
    return error;
  builder_t plain = arena_builder(arena, 8 + SHA256_LENGTH + sizeof entry->verifier.bytes + entry->to.len);
  builder_add_u64be(&plain, (uint64_t)now_ms);
  builder_add(&plain, hash_bytes(&hash));
  builder_add(&plain, bytes_of(entry->verifier.bytes, sizeof entry->verifier.bytes));
  builder_add(&plain, entry->to);
  if (plain.failed)
    return ERR_NO_MEMORY;
  error = seal_close(arena, &domain->gateway_key, PURPOSE, builder_bytes(&plain), &sealed);
  char *text = error == ERR_NONE ? base64url_encode(arena, sealed) : NULL;
  if (text == NULL)
    return error != ERR_NONE ? error : ERR_NO_MEMORY;
  *ret_state = bytes_of_string(text);
  return ERR_NONE;
}

static error_code_t read_plain(bytes_t plain, bytes_t browser, int64_t now_ms, gateway_entry_t *ret_entry)
{
  sha256_t hash;
  error_code_t error = hash_sha256(browser, &hash);
  if (error != ERR_NONE)
    return error;
  reader_t reader = reader_over(plain);
  int64_t made_ms = (int64_t)reader_u64be(&reader);
  bytes_t bound = reader_take(&reader, SHA256_LENGTH);
  bytes_t verifier = reader_take(&reader, sizeof ret_entry->verifier.bytes);
  bytes_t to = reader_take(&reader, reader.left);
  if (!reader_done(&reader) || !secret_equal(bound, hash_bytes(&hash)) ||
      now_ms - made_ms > GATEWAY_ENTRY_LIFETIME_MS || made_ms - now_ms > POLICY_SKEW_MS)
    return ERR_ENTER_BROWSER;
  memcpy(ret_entry->verifier.bytes, verifier.data, verifier.len);
  ret_entry->to = to;
  return ERR_NONE;
}

error_code_t gateway_entry_open(arena_t *arena, const domain_t *domain, bytes_t state, bytes_t browser,
                                int64_t now_ms, gateway_entry_t *ret_entry)
{
  bytes_t sealed, plain;
  if (state.len == 0 || browser.len == 0)
    return ERR_ENTER_BROWSER;
  error_code_t error = base64url_decode(arena, state, &sealed);
  if (error == ERR_NONE)
    error = seal_open(arena, &domain->gateway_key, PURPOSE, sealed, &plain);
  if (error == ERR_NONE)
    error = read_plain(plain, browser, now_ms, ret_entry);
  return error == ERR_NONE || error == ERR_NO_MEMORY || error == ERR_INTERNAL ? error : ERR_ENTER_BROWSER;
}
