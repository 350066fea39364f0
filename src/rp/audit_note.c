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
