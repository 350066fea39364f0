#include "rp/session.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "rp/pairwise.h"

#define TOKEN_LENGTH (8 + SESSION_SECRET_LENGTH)
#define TOUCH_INTERVAL_MS SECONDS_MS(60)

static error_code_t token_parse(bytes_t text, session_token_t *ret_token)
{
  uint8_t bytes[TOKEN_LENGTH];
  if (base64url_decode_exact(text, bytes, sizeof(bytes)) != ERR_NONE)
    return ERR_NOT_SIGNED_IN;
  reader_t reader = reader_over(bytes_of(bytes, sizeof(bytes)));
  uint64_t row = reader_u64be(&reader);
  memcpy(ret_token->secret, bytes + 8, SESSION_SECRET_LENGTH);
  secret_wipe(bytes, sizeof(bytes));
  if (row == 0 || row > INT64_MAX)
    return ERR_NOT_SIGNED_IN;
  ret_token->id.row = (int64_t)row;
  return ERR_NONE;
}

void session_cookie_set(const exchange_t *exchange, const session_token_t *token)
{
  uint8_t bytes[TOKEN_LENGTH];
  builder_t builder = builder_over(bytes, sizeof(bytes));
  builder_add_u64be(&builder, (uint64_t)token->id.row);
  builder_add(&builder, bytes_of(token->secret, sizeof(token->secret)));
  uint8_t text[BASE64URL_LENGTH(TOKEN_LENGTH)];
  base64url_write(builder_bytes(&builder), text);
  http_reply_cookie(exchange->request, exchange->settings->session_cookie, bytes_of(text, sizeof(text)),
                    exchange->config->rp.session_absolute_ms / 1000,
                    exchange->settings->secure ? HTTP_COOKIE_SECURE : 0);
  secret_wipe(bytes, sizeof(bytes));
  secret_wipe(text, sizeof(text));
}

void session_cookie_clear(const exchange_t *exchange)
{
  http_reply_cookie(exchange->request, exchange->settings->session_cookie, BYTES_NONE, 0,
                    exchange->settings->secure ? HTTP_COOKIE_SECURE : 0);
}

typedef struct touch_job {
  store_job_t base;
  rp_session_id_t id;
  int64_t seen_ms, idle_until_ms;
} touch_job_t;

static error_code_t touch_apply(database_t *database, store_job_t *base)
{
  const touch_job_t *job = (const touch_job_t *)base;
  return rp_session_touch(database, job->id, job->seen_ms, job->idle_until_ms);
}

static void touch_done(store_job_t *base)
{
  free(base);
}

/* Nobody waits for it: when it is lost, the session only seems a minute older. */
static void note_use(const exchange_t *exchange, const rp_session_t *session)
{
  if (exchange->now_ms - session->seen_ms < TOUCH_INTERVAL_MS)
    return;
  touch_job_t *job = calloc(1, sizeof(*job));
  if (job == NULL)
    return;
  int64_t idle_until_ms = exchange->now_ms + exchange->config->rp.session_idle_ms;
  *job = (touch_job_t){.base = {.apply = touch_apply, .done = touch_done},
                       .id = session->id,
                       .seen_ms = exchange->now_ms,
                       .idle_until_ms =
                           idle_until_ms < session->expires_ms ? idle_until_ms : session->expires_ms};
  store_submit(exchange->rp->store, &job->base);
}

static bool is_alive(const exchange_t *exchange, const rp_session_owner_t *owner)
{
  return !owner->user_disabled && exchange->now_ms < owner->session.idle_until_ms &&
         exchange->now_ms < owner->session.expires_ms;
}

static error_code_t read_row(const exchange_t *exchange, rp_session_id_t id, rp_session_owner_t *ret_owner)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error = rp_session_find(read.database, exchange->arena, id, ret_owner);
  return error == ERR_NOT_FOUND ? ERR_NOT_SIGNED_IN : error;
}

error_code_t session_find(const exchange_t *exchange, const session_t **ret_session)
{
  bytes_t text;
  if (http_request_cookie(exchange->request, exchange->settings->session_cookie, &text) != 1)
    return ERR_NOT_SIGNED_IN;
  session_token_t token;
  error_code_t error = token_parse(text, &token);
  if (error != ERR_NONE)
    return error;
  session_t *session = arena_alloc(exchange->arena, sizeof(*session));
  if (session == NULL)
    return ERR_NO_MEMORY;
  error = read_row(exchange, token.id, &session->owner);
  sha256_t hash = {{0}};
  if (error == ERR_NONE)
    error = hash_sha256(bytes_of(token.secret, sizeof(token.secret)), &hash);
  secret_wipe(&token, sizeof(token));
  if (error != ERR_NONE)
    return error;
  if (!secret_equal(hash_bytes(&hash), bytes_of(session->owner.session.secret_hash, 32)) ||
      !is_alive(exchange, &session->owner))
    return ERR_NOT_SIGNED_IN;
  error = evidence_record_parse(session->owner.session.evidence, &session->evidence);
  if (error != ERR_NONE)
    return error;
  note_use(exchange, &session->owner.session);
  *ret_session = session;
  return ERR_NONE;
}

error_code_t session_find_any(const exchange_t *exchange, const session_t **ret_session)
{
  *ret_session = NULL;
  error_code_t error = session_find(exchange, ret_session);
  return error == ERR_NOT_SIGNED_IN ? ERR_NONE : error;
}

policy_context_t session_policy(const exchange_t *exchange, const domain_id_t *domain,
                                const uint8_t request[16])
{
  policy_context_t context = {.levels = &exchange->config->levels, .now_ms = exchange->now_ms};
  if (domain != NULL)
    context.domain = *domain;
  if (request != NULL)
    memcpy(context.request, request, sizeof(context.request));
  return context;
}

decision_t session_decide(const exchange_t *exchange, const session_t *session, requirement_t requirement)
{
  policy_context_t context = session_policy(exchange, NULL, NULL);
  evidence_set_t facts;
  evidence_record_facts(&session->evidence, &facts);
  decision_t decision = policy_decide(&context, requirement, &facts);
  decision.basis = NULL; /* it pointed into facts */
  return decision;
}

static void write_amr(builder_t *builder, const evidence_t *basis)
{
  const char *values[AMR_MAX];
  size_t count = policy_amr(basis, values);
  builder_add_string(builder, ",\"amr\":[");
  for (size_t i = 0; i < count; i++) {
    builder_add_string(builder, i > 0 ? "," : "");
    builder_add_json_string(builder, bytes_of_string(values[i]));
  }
  builder_add_string(builder, "]");
}

void session_write(const exchange_t *exchange, builder_t *builder, const rp_session_owner_t *owner,
                   const evidence_record_t *evidence)
{
  pairwise_t subject;
  if (pairwise_subject(&exchange->rp->keys, &(domain_id_t){{0}}, owner->user_handle, &subject) != ERR_NONE) {
    builder->failed = true;
    return;
  }
  policy_context_t context = session_policy(exchange, NULL, NULL);
  evidence_set_t facts;
  evidence_record_facts(evidence, &facts);
  standing_t standing = policy_standing(&context, &facts);
  builder_add_string(builder, "{\"username\":");
  builder_add_json_string(builder, owner->username);
  builder_add_string(builder, ",\"sub\":\"");
  builder_add_string(builder, subject.text);
  builder_add_string(builder, "\"");
  if (standing.level >= 0) {
    builder_add_string(builder, ",\"acr\":");
    builder_add_json_string(builder, bytes_of_string(context.levels->levels[standing.level].name));
    write_amr(builder, standing.basis);
  }
  /* The passkey that gave the evidence may have been deleted since. */
  builder_add_string(builder, ",\"auth_time\":");
  builder_add_decimal(builder,
                      (standing.level >= 0 ? standing.time_ms : owner->session.authenticated_ms) / 1000);
  builder_add_string(builder, ",\"expires_at\":");
  builder_add_decimal(builder, owner->session.expires_ms / 1000);
}
