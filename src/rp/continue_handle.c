#include "rp/continue_handle.h"

#include "rp/field.h"
#include "rp/sealed_text.h"

#define SEAL_PURPOSE "sekisho continue 6"
#define PLAIN_MAX_LENGTH SEALED_TEXT_ROOM(CONTINUE_MAX_LENGTH)

void continue_ref_write(builder_t *builder, const continue_ref_t *ref)
{
  field_add(builder, bytes_of_string(ref->domain.text));
  field_add(builder, ref->handle);
  builder_add(builder, bytes_of(ref->request, sizeof(ref->request)));
  builder_add(builder, bytes_of(ref->browser, sizeof(ref->browser)));
  builder_add(builder, bytes_of(ref->challenge, sizeof(ref->challenge)));
  builder_add_u64be(builder, (uint64_t)ref->expires_ms);
  builder_add_u8(builder, (uint8_t)(ref->requirement.level + 1));
  builder_add_u64be(builder, (uint64_t)ref->requirement.max_age_ms);
  builder_add_u8(builder, (uint8_t)ref->requirement.kind);
  builder_add_u8(builder, ref->requirement.this_request ? 1 : 0);
}

continue_ref_t continue_ref_read(reader_t *reader)
{
  continue_ref_t ref = {0};
  if (domain_id_parse(field_take(reader), &ref.domain) != ERR_NONE)
    reader->failed = true;
  ref.handle = field_take(reader);
  field_take_exact(reader, ref.request, sizeof(ref.request));
  field_take_exact(reader, ref.browser, sizeof(ref.browser));
  field_take_exact(reader, ref.challenge, sizeof(ref.challenge));
  ref.expires_ms = (int64_t)reader_u64be(reader);
  ref.requirement.level = (int)reader_u8(reader) - 1;
  ref.requirement.max_age_ms = (int64_t)reader_u64be(reader);
  uint8_t kind = reader_u8(reader);
  ref.requirement.kind = kind == EVIDENCE_ANY      ? EVIDENCE_ANY
                         : kind == EVIDENCE_DOMAIN ? EVIDENCE_DOMAIN
                                                   : EVIDENCE_VERIFIED;
  ref.requirement.this_request = reader_u8(reader) != 0;
  return ref;
}

error_code_t continue_handle_seal(arena_t *arena, const rp_keys_t *keys, const continue_handle_t *handle,
                                  bytes_t *ret_text)
{
  builder_t plain = arena_builder(arena, PLAIN_MAX_LENGTH);
  continue_ref_write(&plain, &handle->ref);
  builder_add_u8(&plain, handle->authenticator_refused ? 1 : 0);
  builder_add_u8(&plain, handle->select_account ? 1 : 0);
  builder_add_u8(&plain, handle->declined ? 1 : 0);
  builder_add_u8(&plain, handle->consent ? 1 : 0);
  field_add(&plain, handle->consented_by);
  field_add(&plain, handle->client_host);
  field_add(&plain, handle->client_name);
  field_add(&plain, handle->domain_name);
  field_add(&plain, handle->login_hint);
  field_add(&plain, handle->details_en);
  field_add(&plain, handle->details_ja);
  field_add(&plain, handle->statement_en);
  field_add(&plain, handle->statement_ja);
  field_add(&plain, handle->scope_titles_en);
  field_add(&plain, handle->scope_titles_ja);
  field_add(&plain, handle->touch);
  field_add(&plain, handle->touched);
  return sealed_text_close(arena, keys, SEAL_PURPOSE, &plain, ret_text);
}

error_code_t continue_handle_open(arena_t *arena, const rp_keys_t *keys, bytes_t text,
                                  const uint8_t browser[32], int64_t now_ms, continue_handle_t *ret_handle)
{
  bytes_t plain;
  if (text.len > CONTINUE_MAX_LENGTH || sealed_text_open(arena, keys, SEAL_PURPOSE, text, &plain) != ERR_NONE)
    return ERR_CONTINUE;
  reader_t reader = reader_over(plain);
  continue_handle_t handle = {.ref = continue_ref_read(&reader)};
  handle.authenticator_refused = reader_u8(&reader) != 0;
  handle.select_account = reader_u8(&reader) != 0;
  handle.declined = reader_u8(&reader) != 0;
  handle.consent = reader_u8(&reader) != 0;
  handle.consented_by = field_take(&reader);
  handle.client_host = field_take(&reader);
  handle.client_name = field_take(&reader);
  handle.domain_name = field_take(&reader);
  handle.login_hint = field_take(&reader);
  handle.details_en = field_take(&reader);
  handle.details_ja = field_take(&reader);
  handle.statement_en = field_take(&reader);
  handle.statement_ja = field_take(&reader);
  handle.scope_titles_en = field_take(&reader);
  handle.scope_titles_ja = field_take(&reader);
  handle.touch = field_take(&reader);
  handle.touched = field_take(&reader);
  if (!reader_done(&reader) ||
      !sealed_text_is_for(handle.ref.browser, handle.ref.expires_ms, browser, now_ms))
    return ERR_CONTINUE;
  *ret_handle = handle;
  return ERR_NONE;
}
