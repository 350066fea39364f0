#include "rp/logout_handle.h"

#include "rp/field.h"
#include "rp/sealed_text.h"

#define SEAL_PURPOSE "sekisho logout 1"
#define PLAIN_MAX_LENGTH SEALED_TEXT_ROOM(LOGOUT_HANDLE_MAX_LENGTH)

error_code_t logout_handle_seal(arena_t *arena, const rp_keys_t *keys, const logout_handle_t *handle,
                                bytes_t *ret_text)
{
  builder_t plain = arena_builder(arena, PLAIN_MAX_LENGTH);
  builder_add_u64be(&plain, (uint64_t)handle->expires_ms);
  builder_add(&plain, bytes_of(handle->browser, sizeof(handle->browser)));
  field_add(&plain, handle->location);
  field_add(&plain, handle->client_name);
  field_add(&plain, handle->domain_name);
  return sealed_text_close(arena, keys, SEAL_PURPOSE, &plain, ret_text);
}

error_code_t logout_handle_open(arena_t *arena, const rp_keys_t *keys, bytes_t text,
                                const uint8_t browser[32], int64_t now_ms, logout_handle_t *ret_handle)
{
  bytes_t plain;
  if (text.len > LOGOUT_HANDLE_MAX_LENGTH ||
      sealed_text_open(arena, keys, SEAL_PURPOSE, text, &plain) != ERR_NONE)
    return ERR_CONTINUE;
  reader_t reader = reader_over(plain);
  logout_handle_t handle = {.expires_ms = (int64_t)reader_u64be(&reader)};
  field_take_exact(&reader, handle.browser, sizeof(handle.browser));
  handle.location = field_take(&reader);
  handle.client_name = field_take(&reader);
  handle.domain_name = field_take(&reader);
  if (!reader_done(&reader) || !sealed_text_is_for(handle.browser, handle.expires_ms, browser, now_ms))
    return ERR_CONTINUE;
  *ret_handle = handle;
  return ERR_NONE;
}
