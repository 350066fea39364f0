#include "rp/applications.h"

#include "base/log.h"
#include "handoff/consents.h"
#include "rp/pairwise.h"
#include "rp/scope_titles.h"
#include "rp/session.h"

/* --- GET /applications: the domains are asked one after the other --- */

/* What one domain said. */
typedef struct heard heard_t;
struct heard {
  heard_t *next;
  domain_id_t domain;
  bool unavailable;
  handoff_applications_answer_t answer;
};

typedef struct listing {
  heard_t *heard, **end;
  size_t asked; /* the domain's place in the configuration */
} listing_t;

typedef struct listing_call {
  rp_call_t call;
  domain_id_t domain;
  listing_t *listing;
} listing_call_t;

static error_code_t subject_at(const exchange_t *exchange, const session_t *session,
                               const domain_id_t *domain, bytes_t *ret_subject)
{
  const domain_id_t sector = pairwise_sector(exchange->config, domain);
  pairwise_t *id = arena_alloc(exchange->arena, sizeof *id);
  error_code_t error = id != NULL
                           ? pairwise_subject(&exchange->rp->keys, &sector, session->owner.user_handle, id)
                           : ERR_NO_MEMORY;
  if (error == ERR_NONE)
    *ret_subject = bytes_of_string(id->text);
  return error;
}

static size_t listing_room(const listing_t *listing)
{
  size_t room = 64;
  for (const heard_t *heard = listing->heard; heard != NULL; heard = heard->next) {
    room += 256;
    for (size_t i = 0; i < heard->answer.count; i++) {
      const handoff_application_t *item = &heard->answer.items[i];
      room += 256 + SCOPE_TITLES_ROOM * (item->scope_titles_en.len + item->scope_titles_ja.len) +
              6 * (item->client.len + item->client_name.len + heard->answer.domain_name.len);
    }
  }
  return room;
}

static void write_application(builder_t *builder, const heard_t *heard, const handoff_application_t *item)
{
  builder_add_string(builder, "{\"domain\":");
  builder_add_json_string(builder, bytes_of_string(heard->domain.text));
  builder_add_string(builder, ",\"domain_name\":");
  builder_add_json_string(builder, heard->answer.domain_name);
  builder_add_string(builder, ",\"client\":");
  builder_add_json_string(builder, item->client);
  builder_add_string(builder, ",\"client_name\":");
  builder_add_json_string(builder, item->client_name);
  builder_add_string(builder, ",\"scopes\":");
  scope_titles_write(builder, item->scope_titles_en, item->scope_titles_ja);
  builder_add_string(builder, ",\"granted_at\":");
  builder_add_decimal(builder, item->granted_ms / 1000);
  builder_add_string(builder, "}");
}

static void reply_listing(const exchange_t *exchange, const listing_t *listing)
{
  builder_t builder = arena_builder(exchange->arena, listing_room(listing));
  bool first = true;
  builder_add_string(&builder, "{\"applications\":[");
  for (const heard_t *heard = listing->heard; heard != NULL; heard = heard->next)
    for (size_t i = 0; i < heard->answer.count; i++) {
      builder_add_string(&builder, first ? "" : ",");
      write_application(&builder, heard, &heard->answer.items[i]);
      first = false;
    }
  builder_add_string(&builder, "],\"unavailable\":[");
  first = true;
  for (const heard_t *heard = listing->heard; heard != NULL; heard = heard->next)
    if (heard->unavailable) {
      builder_add_string(&builder, first ? "" : ",");
      builder_add_json_string(&builder, bytes_of_string(heard->domain.text));
      first = false;
    }
  builder_add_string(&builder, "]}");
  rp_reply_built(exchange, 200, &builder);
}

static void listing_heard(http_request_t *request, void *app);

/* The session is found again each time: it may end in between. */
static void ask_next(const exchange_t *exchange, listing_t *listing)
{
  const session_t *session = NULL;
  error_code_t error = session_find(exchange, &session);
  if (error == ERR_NONE && listing->asked >= exchange->config->domain_count) {
    reply_listing(exchange, listing);
    return;
  }
  listing_call_t *call = error == ERR_NONE ? arena_alloc(exchange->arena, sizeof *call) : NULL;
  handoff_applications_t message;
  if (error == ERR_NONE) {
    message.domain = exchange->config->domains[listing->asked++].id;
    error = call != NULL ? subject_at(exchange, session, &message.domain, &message.subject) : ERR_NO_MEMORY;
  }
  bytes_t body = error == ERR_NONE ? handoff_applications_build(exchange->arena, &message) : BYTES_NONE;
  if (error != ERR_NONE || body.data == NULL) {
    rp_refuse(exchange, error != ERR_NONE ? error : ERR_NO_MEMORY);
    return;
  }
  call->domain = message.domain;
  call->listing = listing;
  rp_call_submit(exchange, &call->call, handoff_messages[HANDOFF_APPLICATIONS].path, body, listing_heard);
}

/* A domain that does not answer hides nothing of the others. */
static void listing_heard(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const listing_call_t *call = http_request_state(request);
  const http_call_t *base = &call->call.base;
  heard_t *heard = arena_alloc(exchange.arena, sizeof *heard);
  if (heard == NULL) {
    rp_refuse(&exchange, ERR_NO_MEMORY);
    return;
  }
  heard->domain = call->domain;
  heard->unavailable =
      base->outcome != ERR_NONE || base->status != 200 ||
      handoff_applications_answer_parse(exchange.arena, base->reply, &heard->answer) != ERR_NONE;
  if (heard->unavailable)
    log_event(LOG_WARNING, "applications.unavailable", LOG_TEXT("domain", call->domain.text),
              LOG_NUMBER("status", base->status), LOG_TEXT("request", http_request_id(request)));
  *call->listing->end = heard;
  call->listing->end = &heard->next;
  ask_next(&exchange, call->listing);
}

void applications_list_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  listing_t *listing = arena_alloc(exchange.arena, sizeof *listing);
  if (listing == NULL) {
    rp_refuse(&exchange, ERR_NO_MEMORY);
    return;
  }
  listing->end = &listing->heard;
  ask_next(&exchange, listing);
}

/* --- DELETE /applications/{domain}/{client} --- */

static void withdraw_answer(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const rp_call_t *call = http_request_state(request);
  if (call->base.outcome != ERR_NONE)
    rp_refuse(&exchange, call->base.outcome);
  else if (call->base.status != 204)
    rp_refuse(&exchange, call->base.status == 404 ? ERR_NOT_FOUND : ERR_HANDOFF);
  else
    rp_reply_ok(&exchange);
}

void applications_withdraw_handle(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  const session_t *session = NULL;
  const config_domain_t *domain =
      config_find_domain(exchange.config, http_request_segment(request, "domain"));
  handoff_consent_withdrawn_t message = {.client = http_request_segment(request, "client")};
  error_code_t error = session_find(&exchange, &session);
  if (error == ERR_NONE && domain == NULL)
    error = ERR_NOT_FOUND;
  if (error == ERR_NONE) {
    message.domain = domain->id;
    error = subject_at(&exchange, session, &message.domain, &message.subject);
  }
  rp_call_t *call = arena_alloc(exchange.arena, sizeof *call);
  bytes_t body = error == ERR_NONE ? handoff_consent_withdrawn_build(exchange.arena, &message) : BYTES_NONE;
  if (error == ERR_NONE && (call == NULL || body.data == NULL))
    error = ERR_NO_MEMORY;
  if (error != ERR_NONE)
    rp_refuse(&exchange, error);
  else
    rp_call_submit(&exchange, call, handoff_messages[HANDOFF_CONSENT_WITHDRAWN].path, body, withdraw_answer);
}
