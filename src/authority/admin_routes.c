/* What `sekisho client`, `key` and `audit` ask, over the Unix socket. */
#include <string.h>

#include "audit/audit_json.h"
#include "authority/authority.h"
#include "authority/binding_routes.h"
#include "authority/client_routes.h"
#include "authority/durable.h"
#include "authority/transaction_routes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/jose.h"

static void set_time(arena_t *arena, json_t *object, const char *name, int64_t time_ms)
{
  if (time_ms > 0)
    json_set_string(object, name, text_format_time(arena, time_ms));
}

static json_t *list_in(json_t *object, const char *name)
{
  json_t *list = json_array();
  return json_object_set_new(object, name, list) == 0 ? list : NULL;
}

/* NULL after a refusal. */
static domain_t *domain_of(authority_t *authority, http_request_t *http)
{
  domain_t *domain = authority_find_domain(authority, http_request_segment(http, "domain"));
  if (domain == NULL)
    http_reply_error(http, ERR_UNKNOWN_DOMAIN);
  return domain;
}

/* --- keys --- */

static void reply_keys(http_request_t *http, const domain_t *domain)
{
  arena_t *arena = http_request_arena(http);
  const key_set_t *set = signing_keys_now(domain->keys);
  json_t *body = json_object();
  json_set_string(body, "domain", domain->id.text);
  json_t *list = list_in(body, "keys");
  for (size_t i = 0; i < set->count; i++) {
    json_t *row = json_object();
    json_set_string(row, "kid", set->rows[i].id);
    json_set_string(row, "alg", jose_algorithm_name((signature_algorithm_t)set->rows[i].algorithm));
    json_set_string(row, "state", key_state_name(set->rows[i].state));
    set_time(arena, row, "created", set->rows[i].created_ms);
    set_time(arena, row, "activated", set->rows[i].activated_ms);
    set_time(arena, row, "published_until", set->rows[i].expires_ms);
    json_array_append_new(list, row);
  }
  http_reply_json(http, 200, body);
}

static void keys_list(http_request_t *http, void *app)
{
  domain_t *domain = domain_of(app, http);
  if (domain != NULL)
    reply_keys(http, domain);
}

typedef struct rotate_call {
  durable_t durable; /* its job runs the rotation's */
  key_rotation_t rotation;
  domain_t *domain;
  error_code_t outcome;
} rotate_call_t;

static error_code_t rotate_apply(database_t *database, store_job_t *job)
{
  rotate_call_t *call = (rotate_call_t *)job;
  return call->rotation.job.apply(database, &call->rotation.job);
}

/* On the writer's thread, so that the new keys are out however the request ends. */
static void rotate_settle(durable_t *durable)
{
  rotate_call_t *call = (rotate_call_t *)durable;
  call->rotation.job.outcome = durable->job.outcome;
  call->outcome = key_rotation_end(&call->rotation);
}

static void rotate_then(http_request_t *http, void *app)
{
  rotate_call_t *call = http_request_state(http);
  if (call->outcome != ERR_NONE) {
    http_reply_error(http, call->outcome);
    return;
  }
  metrics_count(call->domain->metrics, METRIC_KEY_ROTATIONS, METRIC_PLAIN);
  log_event(LOG_INFO, "key.rotated", LOG_TEXT("domain", call->domain->id.text));
  reply_keys(http, call->domain);
}

static void keys_rotate(http_request_t *http, void *app)
{
  domain_t *domain = domain_of(app, http);
  if (domain == NULL)
    return;
  const domain_settings_t *settings = domain_settings(domain);
  rotate_call_t *call = arena_alloc(http_request_arena(http), sizeof *call);
  error_code_t error =
      call != NULL ? key_rotation_begin(&call->rotation, domain->keys, http_request_arena(http),
                                        settings->algorithm, clock_now_ms(), settings->token_lifetime_ms)
                   : ERR_NO_MEMORY;
  if (error != ERR_NONE) {
    http_reply_error(http, error);
    return;
  }
  call->domain = domain;
  call->rotation.actor = "operator";
  call->rotation.request_id = http_request_id(http);
  call->durable.settle = rotate_settle;
  durable_wait(http, domain->store, &call->durable, rotate_apply, rotate_then);
}

/* --- audit --- */

/* Takes the object. */
static void reply_audit(http_request_t *http, const domain_t *domain, error_code_t error, json_t *object)
{
  if (error != ERR_NONE) {
    http_reply_error(http, error);
    return;
  }
  json_set_string(object, "domain", domain->id.text);
  http_reply_json(http, 200, object);
}

static void audit_show(http_request_t *http, void *app)
{
  domain_t *domain = domain_of(app, http);
  if (domain == NULL)
    return;
  http_form_t *query;
  json_t *object = NULL;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  error_code_t error = read.database != NULL ? http_request_query(http, &query) : ERR_UNAVAILABLE;
  if (error == ERR_NONE) {
    const audit_query_t asked = {.subject = http_form_get(query, "subject"),
                                 .before = http_form_get(query, "before"),
                                 .limit = http_form_get(query, "limit")};
    error = audit_show_json(read.database, &asked, http_request_arena(http), &object);
  }
  reply_audit(http, domain, error, object);
}

static void audit_check(http_request_t *http, void *app)
{
  domain_t *domain = domain_of(app, http);
  if (domain == NULL)
    return;
  json_t *object = NULL;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  error_code_t error = read.database != NULL ? audit_verify_json(read.database, &object) : ERR_UNAVAILABLE;
  reply_audit(http, domain, error, object);
}

static const http_route_t rows[] = {
    {HTTP_GET, "/admin/clients", clients_list, 0},
    {HTTP_POST, "/admin/clients/{domain}", client_add, HTTP_BODY_JSON},
    {HTTP_POST, "/admin/clients/{domain}/{client}/rotate", client_rotate, HTTP_BODY_JSON},
    {HTTP_DELETE, "/admin/clients/{domain}/{client}", client_remove, 0},
    {HTTP_GET, "/admin/keys/{domain}", keys_list, 0},
    {HTTP_POST, "/admin/keys/{domain}/rotate", keys_rotate, 0},
    {HTTP_GET, "/admin/bindings/{domain}/{subject}", binding_list, 0},
    {HTTP_DELETE, "/admin/bindings/{domain}/{subject}", binding_forget, 0},
    {HTTP_POST, "/admin/bindings/{domain}/{subject}/ticket", binding_ticket, 0},
    {HTTP_GET, "/admin/audit/{domain}", audit_show, 0},
    {HTTP_GET, "/admin/audit/{domain}/verify", audit_check, 0},
    {HTTP_GET, "/admin/audit/{domain}/transactions/{transaction}", transaction_show, 0},
};
const route_rows_t admin_routes = {rows, sizeof rows / sizeof *rows};
