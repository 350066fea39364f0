#include <string.h>

#include "base/encoding.h"
#include "handoff/wire.h"

/* An object under construction: `first` until its first member is written. */
typedef struct writer {
  builder_t out;
  bool first;
} writer_t;

static void object_open(writer_t *writer)
{
  builder_add_u8(&writer->out, '{');
  writer->first = true;
}

static void object_close(writer_t *writer)
{
  builder_add_u8(&writer->out, '}');
  writer->first = false;
}

static void member(writer_t *writer, const char *name)
{
  builder_add_string(&writer->out, writer->first ? "\"" : ",\"");
  builder_add_string(&writer->out, name);
  builder_add_string(&writer->out, "\":");
  writer->first = false;
}

/* Empty texts and bytes are left out. */
static void add_text(writer_t *writer, const char *name, bytes_t text)
{
  if (text.len == 0)
    return;
  member(writer, name);
  builder_add_json_string(&writer->out, text);
}

static void add_bytes(writer_t *writer, const char *name, bytes_t bytes)
{
  if (bytes.len == 0)
    return;
  member(writer, name);
  builder_add_u8(&writer->out, '"');
  builder_add_base64url(&writer->out, bytes);
  builder_add_u8(&writer->out, '"');
}

static void add_integer(writer_t *writer, const char *name, int64_t value)
{
  member(writer, name);
  builder_add_decimal(&writer->out, value);
}

static void add_true(writer_t *writer, const char *name, bool value)
{
  if (!value)
    return;
  member(writer, name);
  builder_add_string(&writer->out, "true");
}

/* An id of zeros means none. */
static void add_id(writer_t *writer, const char *name, const uint8_t *id, size_t len)
{
  static const uint8_t zero[16];
  if (len > sizeof(zero) || memcmp(id, zero, len) != 0)
    add_bytes(writer, name, bytes_of(id, len));
}

/* --- how much room --- */

static size_t text_room(bytes_t text)
{
  size_t room = 48 + text.len;
  for (size_t i = 0; i < text.len; i++)
    if (text.data[i] < 0x20 || text.data[i] >= 0x7f || text.data[i] == '"' || text.data[i] == '\\')
      room += 5;
  return room;
}

static size_t bytes_room(bytes_t bytes)
{
  return 48 + BASE64URL_LENGTH(bytes.len);
}

static size_t evidence_room(const handoff_evidence_t *item)
{
  return 512 + bytes_room(item->credential_id) + bytes_room(item->authenticator_data) +
         bytes_room(item->client_data) + bytes_room(item->signature) + bytes_room(item->public_key) +
         bytes_room(item->spki);
}

static size_t session_room(const handoff_session_t *session)
{
  if (session == NULL)
    return 0;
  size_t room = 128 + text_room(session->subject) + text_room(session->session) + session->claims.len;
  for (size_t i = 0; i < session->evidence_count; i++)
    room += evidence_room(&session->evidence[i]);
  return room;
}

/* --- parts --- */

static unsigned fact_flags(const evidence_t *fact)
{
  return (fact->user_present ? WIRE_USER_PRESENT : 0) | (fact->user_verified ? WIRE_USER_VERIFIED : 0) |
         (fact->backup_eligible ? WIRE_BACKUP_ELIGIBLE : 0) | (fact->backed_up ? WIRE_BACKED_UP : 0) |
         (fact->attested_hardware ? WIRE_ATTESTED_HARDWARE : 0);
}

static void add_evidence(writer_t *writer, const handoff_evidence_t *evidence)
{
  const evidence_t *fact = &evidence->fact;
  object_open(writer);
  add_integer(writer, "time_ms", fact->time_ms);
  add_bytes(writer, "credential", bytes_of(fact->credential, sizeof(fact->credential)));
  add_id(writer, "request", fact->request, sizeof(fact->request));
  add_id(writer, "aaguid", fact->authenticator.aaguid.bytes, sizeof(fact->authenticator.aaguid.bytes));
  add_text(writer, "vouching", bytes_of_string(vouching_name(fact->authenticator.vouching)));
  add_text(writer, "certification", bytes_of_string(certification_name(fact->authenticator.certification)));
  add_text(writer, "purpose", bytes_of_string(purpose_name(fact->purpose)));
  add_text(writer, "domain", bytes_of_string(fact->domain.text));
  add_integer(writer, "flags", fact_flags(fact));
  add_bytes(writer, "credential_id", evidence->credential_id);
  add_bytes(writer, "authenticator_data", evidence->authenticator_data);
  add_bytes(writer, "client_data", evidence->client_data);
  add_bytes(writer, "signature", evidence->signature);
  if (evidence->public_key.len > 0) {
    add_bytes(writer, "public_key", evidence->public_key);
    add_integer(writer, "algorithm", evidence->algorithm);
  }
  add_bytes(writer, "spki", evidence->spki);
  add_text(writer, "spki_algorithm", evidence->spki_algorithm);
  object_close(writer);
}

/* JSON text already. */
static void add_claims(writer_t *writer, bytes_t claims)
{
  if (claims.len == 0)
    return;
  member(writer, "claims");
  builder_add(&writer->out, claims);
}

static void add_session(writer_t *writer, const handoff_session_t *session)
{
  if (session == NULL)
    return;
  member(writer, "session");
  object_open(writer);
  add_text(writer, "subject", session->subject);
  add_text(writer, "session", session->session);
  add_integer(writer, "expires_ms", session->expires_ms);
  add_claims(writer, session->claims);
  member(writer, "evidence");
  builder_add_u8(&writer->out, '[');
  for (size_t i = 0; i < session->evidence_count && i < EVIDENCE_MAX; i++) {
    if (i > 0)
      builder_add_u8(&writer->out, ',');
    add_evidence(writer, &session->evidence[i]);
  }
  builder_add_u8(&writer->out, ']');
  object_close(writer);
}

static void add_requirement(writer_t *writer, const level_table_t *levels, const requirement_t *requirement)
{
  member(writer, "requirement");
  object_open(writer);
  if (requirement->level >= 0 && (size_t)requirement->level < levels->count)
    add_text(writer, "acr", bytes_of_string(levels->levels[requirement->level].name));
  if (requirement->max_age_ms != MAX_AGE_NONE)
    add_integer(writer, "max_age_ms", requirement->max_age_ms);
  add_text(writer, "evidence", bytes_of_string(wire_kind_names[requirement->kind]));
  add_true(writer, "this_request", requirement->this_request);
  object_close(writer);
}

/* --- messages --- */

static writer_t open_message(arena_t *arena, size_t room)
{
  writer_t writer = {.out = arena_builder(arena, room)};
  object_open(&writer);
  return writer;
}

static bytes_t close_message(writer_t *writer)
{
  object_close(writer);
  return writer->out.failed ? BYTES_NONE : builder_bytes(&writer->out);
}

bytes_t handoff_begin_build(arena_t *arena, const handoff_begin_t *message)
{
  writer_t writer = open_message(arena, 256 + text_room(message->query) + session_room(message->session));
  add_text(&writer, "domain", bytes_of_string(message->domain.text));
  add_text(&writer, "query", message->query);
  add_bytes(&writer, "browser", bytes_of(message->browser, sizeof(message->browser)));
  add_session(&writer, message->session);
  add_true(&writer, "native", message->native);
  return close_message(&writer);
}

bytes_t handoff_finish_build(arena_t *arena, const handoff_finish_t *message)
{
  size_t touched = message->touched != NULL ? evidence_room(message->touched) : 0;
  writer_t writer = open_message(arena, 256 + text_room(message->handle) + session_room(message->session) +
                                            text_room(message->touch) + touched);
  add_text(&writer, "domain", bytes_of_string(message->domain.text));
  add_text(&writer, "handle", message->handle);
  add_bytes(&writer, "browser", bytes_of(message->browser, sizeof(message->browser)));
  add_session(&writer, message->session);
  add_true(&writer, "declined", message->declined);
  add_true(&writer, "consented", message->consented);
  add_text(&writer, "touch", message->touch);
  if (message->touched != NULL) {
    member(&writer, "touched");
    add_evidence(&writer, message->touched);
  }
  return close_message(&writer);
}

bytes_t handoff_ended_build(arena_t *arena, const handoff_ended_t *message)
{
  writer_t writer = open_message(arena, 256 + text_room(message->session) + text_room(message->subject));
  add_text(&writer, "domain", bytes_of_string(message->domain.text));
  add_integer(&writer, "sequence", message->sequence);
  add_text(&writer, "session", message->session);
  add_text(&writer, "subject", message->subject);
  add_integer(&writer, "ended_ms", message->ended_ms);
  return close_message(&writer);
}

bytes_t handoff_claims_changed_build(arena_t *arena, const handoff_claims_changed_t *message)
{
  writer_t writer = open_message(arena, 256 + text_room(message->subject) + message->claims.len);
  add_text(&writer, "domain", bytes_of_string(message->domain.text));
  add_text(&writer, "subject", message->subject);
  add_claims(&writer, message->claims);
  return close_message(&writer);
}

bytes_t handoff_applications_build(arena_t *arena, const handoff_applications_t *message)
{
  writer_t writer = open_message(arena, 256 + text_room(message->subject));
  add_text(&writer, "domain", bytes_of_string(message->domain.text));
  add_text(&writer, "subject", message->subject);
  return close_message(&writer);
}

bytes_t handoff_consent_withdrawn_build(arena_t *arena, const handoff_consent_withdrawn_t *message)
{
  writer_t writer = open_message(arena, 256 + text_room(message->subject) + text_room(message->client));
  add_text(&writer, "domain", bytes_of_string(message->domain.text));
  add_text(&writer, "subject", message->subject);
  add_text(&writer, "client", message->client);
  return close_message(&writer);
}

static void add_application(writer_t *writer, const handoff_application_t *item)
{
  object_open(writer);
  add_text(writer, "client", item->client);
  add_text(writer, "client_name", item->client_name);
  add_text(writer, "scope_titles_en", item->scope_titles_en);
  add_text(writer, "scope_titles_ja", item->scope_titles_ja);
  add_integer(writer, "granted_ms", item->granted_ms);
  object_close(writer);
}

bytes_t handoff_applications_answer_build(arena_t *arena, const handoff_applications_answer_t *answer)
{
  size_t room = 256 + text_room(answer->domain_name);
  for (size_t i = 0; i < answer->count; i++)
    room += 128 + text_room(answer->items[i].client) + text_room(answer->items[i].client_name) +
            text_room(answer->items[i].scope_titles_en) + text_room(answer->items[i].scope_titles_ja);
  writer_t writer = open_message(arena, room);
  add_text(&writer, "domain_name", answer->domain_name);
  member(&writer, "applications");
  builder_add_u8(&writer.out, '[');
  for (size_t i = 0; i < answer->count; i++) {
    builder_add_string(&writer.out, i > 0 ? "," : "");
    add_application(&writer, &answer->items[i]);
  }
  builder_add_u8(&writer.out, ']');
  return close_message(&writer);
}

bytes_t handoff_logout_build(arena_t *arena, const handoff_logout_t *message)
{
  writer_t writer = open_message(arena, 256 + text_room(message->query) + text_room(message->session));
  add_text(&writer, "domain", bytes_of_string(message->domain.text));
  add_text(&writer, "query", message->query);
  add_text(&writer, "session", message->session);
  return close_message(&writer);
}

bytes_t handoff_logout_answer_build(arena_t *arena, const handoff_logout_answer_t *answer)
{
  size_t texts = text_room(answer->location) + text_room(answer->client_name) +
                 text_room(answer->domain_name) + text_room(answer->ui_locales) + text_room(answer->error) +
                 text_room(answer->description);
  writer_t writer = open_message(arena, 256 + texts);
  add_text(&writer, "outcome", bytes_of_string(wire_logout_outcome_names[answer->outcome]));
  add_text(&writer, "location", answer->location);
  add_text(&writer, "client_name", answer->client_name);
  add_text(&writer, "domain_name", answer->domain_name);
  add_text(&writer, "ui_locales", answer->ui_locales);
  add_text(&writer, "error", answer->error);
  add_text(&writer, "description", answer->description);
  return close_message(&writer);
}

static size_t answer_room(const handoff_answer_t *answer)
{
  return 512 + text_room(answer->page) + text_room(answer->location) + text_room(answer->form_action) +
         text_room(answer->form_fields) + text_room(answer->error) + text_room(answer->description) +
         text_room(answer->handle) + text_room(answer->client_name) + text_room(answer->domain_name) +
         text_room(answer->login_hint) + text_room(answer->ui_locales) + text_room(answer->scope_titles_en) +
         text_room(answer->scope_titles_ja) + text_room(answer->claim_scopes) +
         text_room(answer->client_host) + text_room(answer->details_en) + text_room(answer->details_ja) +
         bytes_room(answer->statement_en) + bytes_room(answer->statement_ja);
}

static void add_authenticate(writer_t *writer, const level_table_t *levels, const handoff_answer_t *answer)
{
  add_text(writer, "handle", answer->handle);
  add_bytes(writer, "request", bytes_of(answer->request, sizeof(answer->request)));
  add_id(writer, "challenge", answer->challenge, sizeof(answer->challenge));
  add_text(writer, "page", answer->page);
  add_requirement(writer, levels, &answer->requirement);
  add_true(writer, "authenticator_refused", answer->authenticator_refused);
  add_true(writer, "select_account", answer->select_account);
  add_true(writer, "consent", answer->consent);
  add_text(writer, "client_host", answer->client_host);
  add_text(writer, "client_name", answer->client_name);
  add_text(writer, "domain_name", answer->domain_name);
  add_text(writer, "login_hint", answer->login_hint);
  add_text(writer, "ui_locales", answer->ui_locales);
  add_text(writer, "details_en", answer->details_en);
  add_text(writer, "details_ja", answer->details_ja);
  add_bytes(writer, "statement_en", answer->statement_en);
  add_bytes(writer, "statement_ja", answer->statement_ja);
  add_text(writer, "scope_titles_en", answer->scope_titles_en);
  add_text(writer, "scope_titles_ja", answer->scope_titles_ja);
}

bytes_t handoff_answer_build(arena_t *arena, const level_table_t *levels, const handoff_answer_t *answer)
{
  writer_t writer = open_message(arena, answer_room(answer));
  add_text(&writer, "outcome", bytes_of_string(wire_outcome_names[answer->outcome]));
  switch (answer->outcome) {
  case HANDOFF_RESPOND:
    add_text(&writer, "location", answer->location);
    add_text(&writer, "form_action", answer->form_action);
    add_text(&writer, "form_fields", answer->form_fields);
    break;
  case HANDOFF_ERROR_PAGE:
    add_text(&writer, "error", answer->error);
    add_text(&writer, "description", answer->description);
    break;
  case HANDOFF_AUTHENTICATE:
    add_authenticate(&writer, levels, answer);
    break;
  case HANDOFF_CLAIMS:
    add_text(&writer, "claim_scopes", answer->claim_scopes);
    break;
  }
  return close_message(&writer);
}
