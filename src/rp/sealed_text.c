#include "rp/sealed_text.h"

#include "base/encoding.h"
#include "base/secret.h"

error_code_t sealed_text_close(arena_t *arena, const rp_keys_t *keys, const char *purpose,
                               const builder_t *plain, bytes_t *ret_text)
{
  bytes_t sealed;
  if (plain->failed)
    return ERR_TOO_LARGE;
  error_code_t error = seal_close(arena, &keys->seal, purpose, builder_bytes(plain), &sealed);
  if (error != ERR_NONE)
    return error;
  char *text = base64url_encode(arena, sealed);
  if (text == NULL)
    return ERR_NO_MEMORY;
  *ret_text = bytes_of_string(text);
  return ERR_NONE;
}

error_code_t sealed_text_open(arena_t *arena, const rp_keys_t *keys, const char *purpose, bytes_t text,
                              bytes_t *ret_plain)
{
  bytes_t sealed;
  if (base64url_decode(arena, text, &sealed) != ERR_NONE ||
      seal_open(arena, &keys->seal, purpose, sealed, ret_plain) != ERR_NONE)
    return ERR_CONTINUE;
  return ERR_NONE;
}

bool sealed_text_is_for(const uint8_t began[32], int64_t expires_ms, const uint8_t browser[32],
                        int64_t now_ms)
{
  return expires_ms > now_ms && secret_equal(bytes_of(began, 32), bytes_of(browser, 32));
}
