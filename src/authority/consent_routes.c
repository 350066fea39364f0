#include "authority/consent_routes.h"

#include "audit/audit.h"
#include "authority/authority.h"
#include "authority/client.h"
#include "authority/durable.h"
#include "authority/scope_titles.h"
#include "base/clock.h"
#include "handoff/consents.h"
#include "store/authority_consents.h"
#include "store/authority_grants.h"

/* --- applications --- */

typedef struct listing {
  arena_t *arena;
  const domain_settings_t *settings;
  handoff_application_t items[CONSENTS_MAX];
  size_t count;
  bool out_of_memory;
} listing_t;

static void note_consent(void *context, bytes_t client, bytes_t scope, int64_t granted_ms)
{
  listing_t *listing = context;
  const client_t *known = domain_find_client(listing->settings, client);
  handoff_application_t *item = &listing->items[listing->count];
  if (listing->out_of_memory || listing->count == CONSENTS_MAX)
    return;
  item->client = arena_copy(listing->arena, client);
  item->client_name = known != NULL && known->config->name != NULL
                          ? arena_copy(listing->arena, bytes_of_string(known->config->name))
                          : item->client;
  item->scope_titles_en = scope_titles(listing->arena, listing->settings, scope, false);
  item->scope_titles_ja = scope_titles(listing->arena, listing->settings, scope, true);
  item->granted_ms = granted_ms;
  listing->out_of_memory = item->client.data == NULL || item->client_name.data == NULL;
  listing->count++;
}

static error_code_t list_consents(arena_t *arena, const domain_t *domain, bytes_t subject, bytes_t *ret_text)
{
  listing_t *listing = arena_alloc(arena, sizeof *listing);
  if (listing == NULL)
    return ERR_NO_MEMORY;
  listing->arena = arena;
  listing->settings = domain_settings(domain);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  error_code_t error =
      read.database != NULL ? consent_each(read.database, subject, note_consent, listing) : ERR_UNAVAILABLE;
  if (error != ERR_NONE)
    return error;
  const char *name = listing->settings->config->name;
  const handoff_applications_answer_t answer = {.domain_name =
                                                    bytes_of_string(name != NULL ? name : domain->id.text),
                                                .items = listing->items,
                                                .count = listing->count};
  *ret_text = handoff_applications_answer_build(arena, &answer);
  return listing->out_of_memory || ret_text->len == 0 ? ERR_NO_MEMORY : ERR_NONE;
}

void consent_list(http_request_t *http, void *app)
{
  arena_t *arena = http_request_arena(http);
  handoff_applications_t message;
  bytes_t text = BYTES_NONE;
  error_code_t error = handoff_applications_parse(arena, http_request_body(http), &message);
  const domain_t *domain =
      error == ERR_NONE ? authority_find_domain(app, bytes_of_string(message.domain.text)) : NULL;
  if (error == ERR_NONE)
    error = domain != NULL ? list_consents(arena, domain, message.subject, &text) : ERR_NOT_FOUND;
  if (error != ERR_NONE)
    http_reply_error(http, error);
  else
    http_reply_bytes(http, 200, "application/json", text);
}

/* --- consent_withdrawn --- */

typedef struct ended_grant {
  struct ended_grant *next;
  grant_ref_t ref;
  int64_t until_ms;
} ended_grant_t;

typedef struct withdrawal {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id;
  handoff_consent_withdrawn_t message;
  int64_t now_ms;
  ended_grant_t *grants;
  bool out_of_memory;
} withdrawal_t;

static void note_grant(void *context, grant_ref_t ref, int64_t until_ms)
{
  withdrawal_t *withdrawal = context;
  ended_grant_t *grant = arena_alloc(withdrawal->arena, sizeof *grant);
  if (grant == NULL) {
    withdrawal->out_of_memory = true;
    return;
  }
  *grant = (ended_grant_t){withdrawal->grants, ref, until_ms};
  withdrawal->grants = grant;
}

/* There need be no such consent: what was asked for is then true already. */
static error_code_t withdrawal_apply(database_t *database, store_job_t *job)
{
  withdrawal_t *withdrawal = (withdrawal_t *)job;
  const handoff_consent_withdrawn_t *message = &withdrawal->message;
  int64_t count = 0;
  withdrawal->grants = NULL;
  withdrawal->out_of_memory = false;
  error_code_t error = consent_withdraw(database, message->client, message->subject, &count);
  if (error == ERR_NONE)
    error = grant_end_consented(database, message->subject, message->client, withdrawal->now_ms, note_grant,
                                withdrawal);
  if (error == ERR_NONE && withdrawal->out_of_memory)
    error = ERR_NO_MEMORY;
  if (error != ERR_NONE || (count == 0 && withdrawal->grants == NULL))
    return error;
  const audit_event_t row = {.time_ms = withdrawal->now_ms,
                             .event = "consent.withdrawn",
                             .actor = message->subject,
                             .subject = message->client,
                             .request = bytes_of_string(withdrawal->request_id)};
  return audit_append(database, &row);
}

static void withdrawal_settle(durable_t *durable)
{
  const withdrawal_t *withdrawal = (const withdrawal_t *)durable;
  if (durable->job.outcome != ERR_NONE)
    return;
  for (const ended_grant_t *grant = withdrawal->grants; grant != NULL; grant = grant->next)
    revocations_add(withdrawal->domain->revocations, grant->ref, grant->until_ms);
}

static void withdrawal_then(http_request_t *http, void *app)
{
  const withdrawal_t *withdrawal = http_request_state(http);
  if (withdrawal->durable.job.outcome != ERR_NONE)
    http_reply_error(http, withdrawal->durable.job.outcome);
  else
    http_reply_empty(http, 204);
}

void consent_withdrawn(http_request_t *http, void *app)
{
  arena_t *arena = http_request_arena(http);
  withdrawal_t *withdrawal = arena_alloc(arena, sizeof *withdrawal);
  error_code_t error = withdrawal != NULL ? handoff_consent_withdrawn_parse(arena, http_request_body(http),
                                                                            &withdrawal->message)
                                          : ERR_NO_MEMORY;
  if (error == ERR_NONE) {
    withdrawal->domain = authority_find_domain(app, bytes_of_string(withdrawal->message.domain.text));
    error = withdrawal->domain != NULL ? ERR_NONE : ERR_NOT_FOUND;
  }
  if (error != ERR_NONE) {
    http_reply_error(http, error);
    return;
  }
  withdrawal->durable.settle = withdrawal_settle;
  withdrawal->arena = arena;
  withdrawal->request_id = http_request_id(http);
  withdrawal->now_ms = clock_now_ms();
  durable_wait(http, withdrawal->domain->store, &withdrawal->durable, withdrawal_apply, withdrawal_then);
}
