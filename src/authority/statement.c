#include "authority/statement.h"

#include <string.h>

#include "audit/audit.h"
#include "base/canonical_json.h"
#include "base/encoding.h"
#include "handoff/statement_challenge.h"

#define STATEMENT_MAX 8192
#define LANGUAGES 2
#define FLAG_UV 0x04 /* authenticator data: WebAuthn L3 §6.1 */
#define FLAGS_AT 32

static const char *const languages[LANGUAGES] = {"en", "ja"};

typedef struct statement {
  bytes_t text; /* canonical */
  sha256_t hash;
} statement_text_t;

static bytes_t shown_in(const authorization_t *authorization, size_t language)
{
  const authorization_details_t *details = &authorization->request.details;
  return language == 0 ? details->shown_en : details->shown_ja;
}

static const char *request_name(const authorization_t *authorization)
{
  return base64url_encode(authorization->arena,
                          bytes_of(authorization->stored.request, sizeof authorization->stored.request));
}

static error_code_t build(const authorization_t *authorization, const domain_settings_t *settings,
                          size_t language, statement_text_t *ret_statement)
{
  CLEANUP(json_drop) json_t *statement = json_object();
  json_t *details = NULL;
  error_code_t error = json_parse(authorization->request.details.all, &details);
  if (error != ERR_NONE)
    return error;
  bool built = json_object_set_new(statement, "details", details) == 0 &&
               json_set_string(statement, "issuer", settings->config->issuer) &&
               json_set_string(statement, "client_id", authorization->target.client->id) &&
               json_set_text(statement, "sub", authorization->session->subject) &&
               json_set_string(statement, "request", request_name(authorization)) &&
               json_set_string(statement, "language", languages[language]) &&
               json_set_text(statement, "text", shown_in(authorization, language));
  if (!built)
    return ERR_NO_MEMORY;
  error = canonical_json_print(authorization->arena, statement, STATEMENT_MAX, &ret_statement->text);
  return error == ERR_NONE ? hash_sha256(ret_statement->text, &ret_statement->hash) : error;
}

error_code_t statement_offer(authorization_t *authorization, const domain_settings_t *settings)
{
  const authorization_details_t *details = &authorization->request.details;
  handoff_answer_t *answer = &authorization->answer;
  bytes_t *const hashes[LANGUAGES] = {&answer->statement_en, &answer->statement_ja};
  answer->details_en = details->shown_en;
  answer->details_ja = details->shown_ja;
  if (!details->bound || authorization->session == NULL || answer->select_account)
    return ERR_NONE; /* who approves is known first */
  for (size_t i = 0; i < LANGUAGES; i++) {
    statement_text_t statement;
    error_code_t error = build(authorization, settings, i, &statement);
    if (error != ERR_NONE)
      return error;
    *hashes[i] = arena_copy(authorization->arena, hash_bytes(&statement.hash));
    if (hashes[i]->data == NULL)
      return ERR_NO_MEMORY;
  }
  return ERR_NONE;
}

/* --- the approval --- */

/* Given for this request, by somebody verified, in bytes that say so themselves. */
static bool could_approve(const authorization_t *authorization, const domain_settings_t *settings,
                          const handoff_evidence_t *piece)
{
  const evidence_t *fact = &piece->fact;
  return fact->purpose == PURPOSE_TRANSACTION && domain_id_equal(&fact->domain, &settings->id) &&
         memcmp(fact->request, authorization->stored.request, sizeof fact->request) == 0 &&
         fact->user_present && fact->user_verified && piece->authenticator_data.len > FLAGS_AT &&
         (piece->authenticator_data.data[FLAGS_AT] & FLAG_UV) != 0 && piece->signature.len > 0 &&
         piece->public_key.len > 0 && piece->credential_id.len > 0;
}

/* WebAuthn L3 §5.8.1: the challenge as the authenticator signed it. */
static error_code_t read_challenge(arena_t *arena, bytes_t client_data, bytes_t *ret_challenge)
{
  CLEANUP(json_drop) json_t *object = NULL;
  bytes_t type;
  *ret_challenge = BYTES_NONE;
  if (json_parse(client_data, &object) != ERR_NONE || json_require_text(object, "type", &type) != ERR_NONE ||
      !bytes_equal_string(type, "webauthn.get"))
    return ERR_NONE; /* approves nothing */
  error_code_t error = json_require_base64url(arena, object, "challenge", ret_challenge);
  return error == ERR_NO_MEMORY ? error : ERR_NONE;
}

static transaction_t transaction_of(const authorization_t *authorization, const handoff_evidence_t *piece,
                                    size_t language, const statement_text_t *statement)
{
  return (transaction_t){
      .id = bytes_of_string(request_name(authorization)),
      .time_ms = authorization->now_ms,
      .client = arena_copy(authorization->arena, bytes_of_string(authorization->target.client->id)),
      .subject = authorization->session->subject,
      .language = bytes_of_string(languages[language]),
      .shown = shown_in(authorization, language),
      .details = authorization->request.details.all,
      .statement = statement->text,
      .credential_id = piece->credential_id,
      .authenticator_data = piece->authenticator_data,
      .client_data = piece->client_data,
      .signature = piece->signature,
      .public_key = piece->public_key,
      .algorithm = piece->algorithm};
}

static error_code_t try_piece(authorization_t *authorization, const domain_settings_t *settings,
                              const handoff_evidence_t *piece)
{
  bytes_t challenge;
  error_code_t error = read_challenge(authorization->arena, piece->client_data, &challenge);
  for (size_t i = 0; i < LANGUAGES && error == ERR_NONE; i++) {
    statement_text_t statement;
    error = build(authorization, settings, i, &statement);
    if (error != ERR_NONE || !statement_challenge_covers(challenge, hash_bytes(&statement.hash)))
      continue;
    authorization->transaction = transaction_of(authorization, piece, i, &statement);
    return authorization->transaction.id.len > 0 && authorization->transaction.client.len > 0 ? ERR_NONE
                                                                                              : ERR_NO_MEMORY;
  }
  return error;
}

/* Where the domain verifies evidence itself, nothing approves but what it has verified. */
static size_t candidates(const authorization_t *authorization, const handoff_evidence_t **ret_pieces)
{
  const verified_evidence_t *verified = &authorization->verified;
  *ret_pieces = NULL;
  if (!authorization->was_stored || authorization->session == NULL)
    return 0;
  bool by_domain = authorization->request.wanted.kind == EVIDENCE_VERIFIED;
  *ret_pieces = by_domain ? verified->piece : authorization->session->evidence;
  return by_domain ? (verified->found ? 1 : 0) : authorization->session->evidence_count;
}

error_code_t statement_find_approval(authorization_t *authorization, const domain_settings_t *settings,
                                     bool *ret_missing)
{
  const handoff_evidence_t *pieces;
  authorization->transaction = (transaction_t){.id = BYTES_NONE};
  *ret_missing = false;
  if (!authorization->request.details.bound)
    return ERR_NONE;
  error_code_t error = ERR_NONE;
  size_t count = candidates(authorization, &pieces);
  for (size_t i = 0; i < count && error == ERR_NONE; i++)
    if (could_approve(authorization, settings, &pieces[i]))
      error = try_piece(authorization, settings, &pieces[i]);
  *ret_missing = authorization->transaction.id.len == 0;
  return error;
}

/* --- what is kept --- */

error_code_t statement_record(database_t *database, const authorization_t *authorization)
{
  const transaction_t *transaction = &authorization->transaction;
  uint8_t memory[256];
  sha256_t hash;
  if (transaction->id.len == 0)
    return ERR_NONE;
  error_code_t error = hash_sha256(transaction->statement, &hash);
  if (error == ERR_NONE)
    error = transaction_add(database, transaction);
  if (error != ERR_NONE)
    return error;
  builder_t detail = builder_over(memory, sizeof memory);
  builder_add_string(&detail, "{\"transaction\":\"");
  builder_add(&detail, transaction->id);
  builder_add_string(&detail, "\",\"statement\":\"");
  builder_add_base64url(&detail, hash_bytes(&hash));
  builder_add_string(&detail, "\"}");
  const audit_event_t row = {.time_ms = transaction->time_ms,
                             .event = "transaction.approved",
                             .actor = transaction->client,
                             .subject = transaction->subject,
                             .request = bytes_of_string(authorization->request_id),
                             .detail = builder_bytes(&detail)};
  return detail.failed ? ERR_INTERNAL : audit_append(database, &row);
}
