#include "rp/logout_handle.h"

#include "base/encoding.h"
#include "base/secret.h"
#include "crypto/seal.h"
#include "rp/field.h"

#define SEAL_PURPOSE "sekisho logout 1"
#define PLAIN_MAX_LENGTH (LOGOUT_HANDLE_MAX_LENGTH / 4 * 3 - SEAL_OVERHEAD)

error_code_t logout_handle_seal(arena_t *arena, const rp_keys_t *keys, const logout_handle_t *handle,
                                bytes_t *ret_text)
{
  builder_t plain = arena_builder(arena, PLAIN_MAX_LENGTH);
  builder_add_u64be(&plain, (uint64_t)handle->expires_ms);
  builder_add(&plain, bytes_of(handle->browser, sizeof(handle->browser)));
  field_add(&plain, handle->location);
  field_add(&plain, handle->client_name);
  field_add(&plain, handle->domain_name);
  if (plain.failed)
    return ERR_TOO_LARGE;
  bytes_t sealed;
  error_code_t error = seal_close(arena, &keys->seal, SEAL_PURPOSE, builder_bytes(&plain), &sealed);
  if (error != ERR_NONE)
    return error;
  char *text = base64url_encode(arena, sealed);
  if (text == NULL)
    return ERR_NO_MEMORY;
  *ret_text = bytes_of_string(text);
  return ERR_NONE;
}

error_code_t logout_handle_open(arena_t *arena, const rp_keys_t *keys, bytes_t text,
                                const uint8_t browser[32], int64_t now_ms, logout_handle_t *ret_handle)
{
  bytes_t sealed, plain;
  if (text.len > LOGOUT_HANDLE_MAX_LENGTH || base64url_decode(arena, text, &sealed) != ERR_NONE ||
      seal_open(arena, &keys->seal, SEAL_PURPOSE, sealed, &plain) != ERR_NONE)
    return ERR_CONTINUE;
  reader_t reader = reader_over(plain);
  logout_handle_t handle = {.expires_ms = (int64_t)reader_u64be(&reader)};
  field_take_exact(&reader, handle.browser, sizeof(handle.browser));
  handle.location = field_take(&reader);
  handle.client_name = field_take(&reader);
  handle.domain_name = field_take(&reader);
  if (!reader_done(&reader) || handle.expires_ms <= now_ms ||
      !secret_equal(bytes_of(handle.browser, 32), bytes_of(browser, 32)))
    return ERR_CONTINUE;
  *ret_handle = handle;
  return ERR_NONE;
}
