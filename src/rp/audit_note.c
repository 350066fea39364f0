#include "rp/audit_note.h"

#include "base/encoding.h"

audit_note_t audit_note_prepare(const exchange_t *exchange, const uint8_t actor[RP_USER_HANDLE_LENGTH],
                                bytes_t detail)
{
  audit_note_t note = {.time_ms = exchange->now_ms,
                       .request = bytes_of_string(http_request_id(exchange->request)),
                       .detail = detail.len > 0 ? detail : BYTES_LITERAL("{}")};
  if (actor != NULL)
    note.actor = bytes_of_string(base64url_encode(exchange->arena, bytes_of(actor, RP_USER_HANDLE_LENGTH)));
  return note;
}

error_code_t audit_note_write(database_t *database, const audit_note_t *note, const char *event)
{
  const audit_event_t row = {.time_ms = note->time_ms,
                             .event = event,
                             .actor = note->actor,
                             .subject = note->subject,
                             .request = note->request,
                             .detail = note->detail};
  return audit_append(database, &row);
}

bytes_t audit_note_failure(arena_t *arena, error_code_t code, const char *step)
{
  const char *slug = error_info(code)->slug;
  char *text = step != NULL ? arena_format(arena, "{\"error\":\"%s\",\"step\":\"%s\"}", slug, step)
                            : arena_format(arena, "{\"error\":\"%s\"}", slug);
  return bytes_of_string(text);
}

const char *audit_note_uvm(arena_t *arena, const extension_outputs_t *outputs)
{
  if (outputs->uvm_count == 0)
    return "";
  builder_t builder = arena_builder(arena, 16 + UVM_MAX * 40);
  for (size_t i = 0; i < outputs->uvm_count; i++) {
    const uvm_entry_t *entry = &outputs->uvm[i];
    builder_add_string(&builder, i == 0 ? ",\"uvm\":[[" : ",[");
    builder_add_decimal(&builder, entry->method);
    builder_add_string(&builder, ",");
    builder_add_decimal(&builder, entry->key_protection);
    builder_add_string(&builder, ",");
    builder_add_decimal(&builder, entry->matcher_protection);
    builder_add_string(&builder, "]");
  }
  builder_add_string(&builder, "]");
  const char *text = builder.failed ? NULL : arena_string(arena, builder_bytes(&builder));
  return text != NULL ? text : "";
}
