/* What `sekisho client`, `key` and `audit` ask, over the Unix socket. */
#include <string.h>

#include "audit/audit.h"
#include "authority/authority.h"
#include "authority/durable.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/jose.h"

#define AUDIT_ROWS_MAX 500

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

static json_t *texts_json(text_list_t texts)
{
  json_t *list = json_array();
  for (size_t i = 0; i < texts.count; i++)
    json_array_append_new(list, json_string(texts.items[i]));
  return list;
}

/* --- clients --- */

static void add_clients(json_t *list, const config_domain_t *domain)
{
  for (size_t i = 0; i < domain->client_count; i++) {
    const config_client_t *client = &domain->clients[i];
    json_t *row = json_object();
    json_set_string(row, "domain", domain->id.text);
    json_set_string(row, "id", client->id);
    json_set_string(row, "name", client->name != NULL ? client->name : client->id);
    json_set_boolean(row, "public", client->public_client);
    json_object_set_new(row, "redirect_uris", texts_json(client->redirect_uris));
    json_object_set_new(row, "scopes", texts_json(client->scopes));
    json_array_append_new(list, row);
  }
}

static void clients_list(http_request_t *http, void *app)
{
  json_t *body = json_object();
  json_t *list = list_in(body, "clients");
  for (size_t i = 0; i < authority_domain_count(app); i++)
    add_clients(list, domain_settings(authority_domain_at(app, i))->config);
  http_reply_json(http, 200, body);
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
  domain_t *domain = authority_domain_of_segment(app, http);
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
  domain_t *domain = authority_domain_of_segment(app, http);
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

static int64_t number_or(const http_form_t *query, const char *name, int64_t fallback)
{
  bytes_t text = http_form_get(query, name);
  int64_t value = 0;
  if (text.len == 0 || text.len > 18)
    return fallback;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < '0' || text.data[i] > '9')
      return fallback;
    value = value * 10 + (text.data[i] - '0');
  }
  return value;
}

static json_t *audit_row_json(arena_t *arena, const audit_row_t *row)
{
  json_t *object = json_object();
  json_set_integer(object, "seq", row->seq);
  set_time(arena, object, "time", row->time_ms);
  json_set_text(object, "event", row->event);
  json_set_text(object, "actor", row->actor);
  json_set_text(object, "subject", row->subject);
  json_set_text(object, "request", row->request);
  if (row->detail.len > 0)
    json_set_text(object, "detail", row->detail);
  return object;
}

static error_code_t audit_read(http_request_t *http, const domain_t *domain, json_t *list)
{
  http_form_t *query;
  error_code_t error = http_request_query(http, &query);
  if (error != ERR_NONE)
    return error;
  int64_t limit = number_or(query, "limit", 100);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  audit_row_t *rows;
  size_t count;
  arena_t *arena = http_request_arena(http);
  error = audit_list(read.database, http_form_get(query, "subject"), number_or(query, "before", 0),
                     limit > AUDIT_ROWS_MAX ? AUDIT_ROWS_MAX : (size_t)limit, arena, &rows, &count);
  for (size_t i = 0; error == ERR_NONE && i < count; i++)
    json_array_append_new(list, audit_row_json(arena, &rows[i]));
  return error;
}

static void audit_show(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_segment(app, http);
  if (domain == NULL)
    return;
  CLEANUP(json_drop) json_t *body = json_object();
  json_set_string(body, "domain", domain->id.text);
  error_code_t error = audit_read(http, domain, list_in(body, "events"));
  if (error != ERR_NONE)
    http_reply_error(http, error);
  else
    http_reply_json(http, 200, json_incref(body));
}

static void audit_check(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_segment(app, http);
  if (domain == NULL)
    return;
  audit_report_t report = {.broken_seq = 0};
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  error_code_t error = read.database != NULL ? audit_verify(read.database, NULL, &report) : ERR_UNAVAILABLE;
  if (error != ERR_NONE) {
    http_reply_error(http, error);
    return;
  }
  json_t *body = json_object();
  json_set_string(body, "domain", domain->id.text);
  json_set_boolean(body, "whole", report.broken_seq == 0);
  json_set_integer(body, "broken_seq", report.broken_seq);
  json_set_integer(body, "last_seq", report.head.seq);
  http_reply_json(http, 200, body);
}

static const http_route_t rows[] = {
    {HTTP_GET, "/admin/clients", clients_list, 0},
    {HTTP_GET, "/admin/keys/{domain}", keys_list, 0},
    {HTTP_POST, "/admin/keys/{domain}/rotate", keys_rotate, 0},
    {HTTP_GET, "/admin/audit/{domain}", audit_show, 0},
    {HTTP_GET, "/admin/audit/{domain}/verify", audit_check, 0},
};
const route_rows_t admin_routes = {rows, sizeof rows / sizeof *rows};
