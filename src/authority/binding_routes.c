#include "authority/binding_routes.h"

#include <string.h>

#include "audit/audit.h"
#include "authority/authority.h"
#include "authority/durable.h"
#include "base/clock.h"
#include "base/text.h"
#include "store/authority_bindings.h"

typedef struct binding_change {
  durable_t durable;
  bytes_t subject;
  const char *event, *request_id;
  int64_t now_ms;
  arena_t *arena;
} binding_change_t;

/* NULL after a refusal. */
static domain_t *domain_of(http_request_t *http, void *app)
{
  domain_t *domain = authority_find_domain(app, http_request_segment(http, "domain"));
  if (domain == NULL)
    http_reply_error(http, ERR_UNKNOWN_DOMAIN);
  return domain;
}

static const char *way_of(const binding_t *binding)
{
  static const uint8_t none[sizeof binding->vouched_by];
  if (binding->by_ticket)
    return "ticket";
  return memcmp(binding->vouched_by, none, sizeof none) != 0 ? "bound_key" : "first_use";
}

static bool add_row(void *context, const binding_t *binding)
{
  json_t *row = json_object();
  json_set_base64url(row, "credential", bytes_of(binding->credential, sizeof binding->credential));
  json_set_text(row, "alg", binding->algorithm);
  json_set_string(row, "binding", way_of(binding));
  json_set_integer(row, "bound_ms", binding->bound_ms);
  json_set_integer(row, "sign_count", binding->sign_count);
  return json_array_append_new(context, row) == 0;
}

void binding_list(http_request_t *http, void *app)
{
  const domain_t *domain = domain_of(http, app);
  if (domain == NULL)
    return;
  json_t *body = json_object(), *list = json_array();
  json_object_set_new(body, "bindings", list);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  error_code_t error = read.database != NULL
                           ? binding_each(read.database, http_request_segment(http, "subject"), add_row, list)
                           : ERR_UNAVAILABLE;
  if (error == ERR_NONE) {
    http_reply_json(http, 200, body);
    return;
  }
  json_decref(body);
  http_reply_error(http, error);
}

static error_code_t note(database_t *database, const binding_change_t *change)
{
  const audit_event_t row = {.time_ms = change->now_ms,
                             .event = change->event,
                             .actor = BYTES_LITERAL("operator"),
                             .subject = change->subject,
                             .request = bytes_of_string(change->request_id)};
  return audit_append(database, &row);
}

static error_code_t ticket_apply(database_t *database, store_job_t *job)
{
  const binding_change_t *change = (const binding_change_t *)job;
  error_code_t error = binding_ticket_put(database, change->subject, change->now_ms + BINDING_TICKET_MS);
  return error == ERR_NONE ? note(database, change) : error;
}

static error_code_t forget_apply(database_t *database, store_job_t *job)
{
  const binding_change_t *change = (const binding_change_t *)job;
  error_code_t error = binding_remove(database, change->subject);
  return error == ERR_NONE ? note(database, change) : error;
}

static void ticket_then(http_request_t *http, void *app)
{
  const binding_change_t *change = http_request_state(http);
  if (change->durable.job.outcome != ERR_NONE) {
    http_reply_error(http, change->durable.job.outcome);
    return;
  }
  json_t *body = json_object();
  json_set_text(body, "subject", change->subject);
  json_set_string(body, "expires", text_format_time(change->arena, change->now_ms + BINDING_TICKET_MS));
  http_reply_json(http, 200, body);
}

static void forget_then(http_request_t *http, void *app)
{
  const binding_change_t *change = http_request_state(http);
  if (change->durable.job.outcome != ERR_NONE)
    http_reply_error(http, change->durable.job.outcome);
  else
    http_reply_empty(http, 204);
}

static void change_submit(http_request_t *http, void *app, const char *event,
                          error_code_t (*apply)(database_t *, store_job_t *), http_handler_t *then)
{
  domain_t *domain = domain_of(http, app);
  if (domain == NULL)
    return;
  binding_change_t *change = arena_alloc(http_request_arena(http), sizeof *change);
  if (change == NULL) {
    http_reply_error(http, ERR_NO_MEMORY);
    return;
  }
  change->arena = http_request_arena(http);
  change->subject = http_request_segment(http, "subject");
  change->event = event;
  change->request_id = http_request_id(http);
  change->now_ms = clock_now_ms();
  durable_wait(http, domain->store, &change->durable, apply, then);
}

void binding_ticket(http_request_t *http, void *app)
{
  change_submit(http, app, "binding.ticket", ticket_apply, ticket_then);
}

void binding_forget(http_request_t *http, void *app)
{
  change_submit(http, app, "binding.removed", forget_apply, forget_then);
}
