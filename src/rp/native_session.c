#include "rp/native_session.h"

#include <string.h>

#include "rp/sealed_text.h"

#define PURPOSE "sekisho native 1"
#define TEXT_MAX ((size_t)24 * 1024)

bool native_session_keep(native_session_t *session, bytes_t name, bytes_t value)
{
  size_t at = 0;
  while (at < session->cookie_count && !bytes_equal(session->cookies[at].name, name))
    at++;
  if (value.len == 0) {
    for (; at + 1 < session->cookie_count; at++)
      session->cookies[at] = session->cookies[at + 1];
    session->cookie_count -= at < session->cookie_count ? 1 : 0;
    return true;
  }
  if (at == NATIVE_COOKIES_MAX)
    return false;
  session->cookies[at] = (native_cookie_t){name, value};
  session->cookie_count += at == session->cookie_count ? 1 : 0;
  return true;
}

bytes_t native_session_cookies(arena_t *arena, const native_session_t *session)
{
  size_t room = 0;
  for (size_t i = 0; i < session->cookie_count; i++)
    room += session->cookies[i].name.len + session->cookies[i].value.len + 3;
  builder_t text = arena_builder(arena, room + 1);
  for (size_t i = 0; i < session->cookie_count; i++) {
    builder_add_string(&text, i > 0 ? "; " : "");
    builder_add(&text, session->cookies[i].name);
    builder_add_string(&text, "=");
    builder_add(&text, session->cookies[i].value);
  }
  return builder_bytes(&text);
}

/* --- sealed --- */

static void add_short(builder_t *builder, bytes_t text)
{
  builder_add_u16be(builder, (uint16_t)text.len);
  builder_add(builder, text);
}

static bytes_t take_short(reader_t *reader)
{
  return reader_take(reader, reader_u16be(reader));
}

error_code_t native_session_seal(arena_t *arena, const rp_keys_t *keys, const native_session_t *session,
                                 bytes_t *ret_text)
{
  builder_t plain = arena_builder(arena, SEALED_TEXT_ROOM(TEXT_MAX));
  builder_add_u64be(&plain, (uint64_t)session->expires_ms);
  add_short(&plain, bytes_of_string(session->domain.text));
  add_short(&plain, session->client);
  add_short(&plain, session->thumbprint);
  builder_add_u8(&plain, (uint8_t)session->cookie_count);
  for (size_t i = 0; i < session->cookie_count; i++) {
    add_short(&plain, session->cookies[i].name);
    add_short(&plain, session->cookies[i].value);
  }
  return sealed_text_close(arena, keys, PURPOSE, &plain, ret_text);
}

error_code_t native_session_open(arena_t *arena, const rp_keys_t *keys, bytes_t text, int64_t now_ms,
                                 native_session_t *ret_session)
{
  bytes_t plain;
  native_session_t session = {.cookie_count = 0};
  error_code_t error =
      text.len <= TEXT_MAX ? sealed_text_open(arena, keys, PURPOSE, text, &plain) : ERR_CONTINUE;
  if (error != ERR_NONE)
    return error == ERR_NO_MEMORY ? error : ERR_NATIVE_SESSION;
  reader_t reader = reader_over(plain);
  session.expires_ms = (int64_t)reader_u64be(&reader);
  bytes_t domain = take_short(&reader);
  session.client = take_short(&reader);
  session.thumbprint = take_short(&reader);
  size_t count = reader_u8(&reader);
  for (size_t i = 0; i < count && i < NATIVE_COOKIES_MAX; i++) {
    session.cookies[i].name = take_short(&reader);
    session.cookies[i].value = take_short(&reader);
  }
  session.cookie_count = count;
  if (!reader_done(&reader) || count > NATIVE_COOKIES_MAX || domain.len >= sizeof session.domain.text ||
      session.expires_ms <= now_ms)
    return ERR_NATIVE_SESSION;
  memcpy(session.domain.text, domain.data, domain.len);
  *ret_session = session;
  return ERR_NONE;
}
