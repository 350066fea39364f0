#include "authority/client_routes.h"

#include "audit/audit.h"
#include "authority/authority.h"
#include "authority/client_registration.h"
#include "authority/durable.h"
#include "authority/ended_grants.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/log.h"
#include "store/authority_consents.h"
#include "store/authority_logouts.h"

/* After a rotation: long enough to bring the new secret to where the client runs. */
#define SECRET_GRACE_MS ((int64_t)24 * 3600 * 1000)

/* --- list --- */

static json_t *texts_json(text_list_t texts)
{
  json_t *list = json_array();
  for (size_t i = 0; i < texts.count; i++)
    json_array_append_new(list, json_string(texts.items[i]));
  return list;
}

static void add_clients(json_t *list, const char *domain, const client_table_t *table, const char *source)
{
  for (size_t i = 0; i < table->count; i++) {
    const config_client_t *client = table->clients[i].config;
    json_t *row = json_object();
    json_set_string(row, "domain", domain);
    json_set_string(row, "id", client->id);
    json_set_string(row, "name", client->name);
    json_set_boolean(row, "public", client->public_client);
    json_set_string(row, "token_endpoint_auth_method", client_method_name(client->method));
    json_object_set_new(row, "grant_types", texts_json(client->grant_types));
    json_object_set_new(row, "redirect_uris", texts_json(client->redirect_uris));
    json_object_set_new(row, "post_logout_redirect_uris", texts_json(client->post_logout_redirect_uris));
    json_object_set_new(row, "scopes", texts_json(client->scopes));
    json_set_boolean(row, "dpop_bound_access_tokens", client->dpop == DPOP_USE_REQUIRED);
    json_set_boolean(row, "require_pushed_authorization_requests", client->push_required);
    json_set_boolean(row, "third_party", client->third_party);
    json_set_boolean(row, "first_party", client->first_party);
    json_set_string(row, "jwks_uri", client->credential.jwks_uri);
    json_set_string(row, "backchannel_logout_uri", client->backchannel_logout_uri);
    json_set_string(row, "source", source);
    json_array_append_new(list, row);
  }
}

void clients_list(http_request_t *http, void *app)
{
  json_t *body = json_object();
  json_t *list = json_array();
  for (size_t i = 0; i < authority_domain_count(app); i++) {
    const domain_t *domain = authority_domain_at(app, i);
    const domain_settings_t *settings = domain_settings(domain);
    add_clients(list, domain->id.text, &settings->clients, "configuration");
    add_clients(list, domain->id.text, client_store_now(settings->stored_clients), "store");
  }
  json_object_set_new(body, "clients", list);
  http_reply_json(http, 200, body);
}

/* --- changes: one job each, which also reads what all clients are after it --- */

typedef struct change change_t;
struct change {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id;
  const char *event;
  error_code_t (*make)(database_t *database, change_t *change);
  stored_client_t client;
  const char *secret; /* told once; NULL where there is none */
  int64_t now_ms;
  client_snapshot_t *snapshot; /* until it is published */
  ended_grants_t ended;        /* of a client that is removed */
};

static error_code_t change_apply(database_t *database, store_job_t *job)
{
  change_t *change = (change_t *)job;
  client_snapshot_free(change->snapshot);
  change->snapshot = NULL;
  ended_grants_begin(&change->ended, change->arena);
  error_code_t error = ended_grants_check(&change->ended, change->make(database, change));
  if (error == ERR_NONE)
    error = client_snapshot_read(database, &change->snapshot);
  const audit_event_t row = {.time_ms = change->now_ms,
                             .event = change->event,
                             .actor = BYTES_LITERAL("operator"),
                             .subject = change->client.id,
                             .request = bytes_of_string(change->request_id)};
  return error == ERR_NONE ? audit_append(database, &row) : error;
}

/* On the writer's thread, so that it holds however the request ends, and in the order of the changes. */
static void change_settle(durable_t *durable)
{
  change_t *change = (change_t *)durable;
  if (durable->job.outcome != ERR_NONE) {
    client_snapshot_free(change->snapshot);
    change->snapshot = NULL;
    return;
  }
  client_store_publish(&change->domain->stored_clients, change->snapshot);
  change->snapshot = NULL;
  ended_grants_revoke(&change->ended, change->domain->revocations);
}

static void change_then(http_request_t *http, void *app)
{
  (void)app;
  const change_t *change = http_request_state(http);
  if (change->durable.job.outcome != ERR_NONE) {
    bool unknown = change->durable.job.outcome == ERR_NOT_FOUND;
    http_reply_error(http, unknown ? ERR_UNKNOWN_STORED_CLIENT : change->durable.job.outcome);
    return;
  }
  log_event(LOG_INFO, change->event, LOG_TEXT("domain", change->domain->id.text),
            LOG_TEXT("client", arena_string(change->arena, change->client.id)));
  json_t *body = json_object();
  json_set_string(body, "domain", change->domain->id.text);
  json_set_text(body, "client_id", change->client.id);
  json_set_string(body, "client_secret", change->secret);
  if (change->client.previous_until_ms > 0)
    json_set_integer(body, "previous_until_ms", change->client.previous_until_ms);
  http_reply_json(http, 200, body);
}

/* NULL after a refusal. */
static change_t *change_begin(http_request_t *http, void *app, const char *event)
{
  domain_t *domain = authority_find_domain(app, http_request_segment(http, "domain"));
  if (domain == NULL) {
    http_reply_error(http, ERR_UNKNOWN_DOMAIN);
    return NULL;
  }
  arena_t *arena = http_request_arena(http);
  change_t *change = arena_alloc(arena, sizeof *change);
  if (change == NULL) {
    http_reply_error(http, ERR_NO_MEMORY);
    return NULL;
  }
  *change = (change_t){.durable = {.settle = change_settle},
                       .domain = domain,
                       .arena = arena,
                       .request_id = http_request_id(http),
                       .event = event,
                       .client = {.id = http_request_segment(http, "client")},
                       .now_ms = clock_now_ms()};
  return change;
}

static void change_go(http_request_t *http, change_t *change,
                      error_code_t (*make)(database_t *database, change_t *change))
{
  change->make = make;
  durable_wait(http, change->domain->store, &change->durable, change_apply, change_then);
}

/* A fresh secret, for telling it once, and its hash. */
static error_code_t make_secret(change_t *change)
{
  CLEANUP(secret_key_wipe) secret_key_t secret;
  random_fill(secret.bytes, sizeof secret.bytes);
  change->secret = base64url_encode(change->arena, bytes_of(secret.bytes, sizeof secret.bytes));
  return change->secret != NULL ? hash_sha256(bytes_of_string(change->secret), &change->client.secret)
                                : ERR_NO_MEMORY;
}

/* --- add --- */

static error_code_t add_make(database_t *database, change_t *change)
{
  int64_t count;
  error_code_t error = stored_client_count(database, &count);
  if (error != ERR_NONE)
    return error;
  return count < STORED_CLIENTS_MAX ? stored_client_add(database, &change->client) : ERR_TOO_MANY_CLIENTS;
}

static error_code_t make_identity(change_t *change)
{
  uint8_t id[12];
  random_fill(id, sizeof id);
  change->client.id = bytes_of_string(hex_encode(change->arena, bytes_of(id, sizeof id)));
  change->client.created_ms = change->now_ms;
  if (change->client.id.len == 0)
    return ERR_NO_MEMORY;
  bool secret = bytes_equal_string(change->client.method, "client_secret_basic") ||
                bytes_equal_string(change->client.method, "client_secret_post");
  return secret ? make_secret(change) : ERR_NONE;
}

static void refuse_metadata(http_request_t *http, const error_detail_t *detail)
{
  const error_info_t *info = error_info(ERR_CLIENT_METADATA);
  json_t *body = json_object();
  json_set_string(body, "error", info->slug);
  json_set_string(body, "message", detail->text[0] != '\0' ? detail->text : info->sentence);
  json_set_string(body, "request_id", http_request_id(http));
  http_reply_json(http, info->http_status, body);
}

void client_add(http_request_t *http, void *app)
{
  change_t *change = change_begin(http, app, "client.added");
  if (change == NULL)
    return;
  json_t *body;
  error_detail_t detail = {""};
  error_code_t error = http_request_json(http, &body);
  if (error == ERR_NONE)
    error = client_registration_parse(change->arena, domain_settings(change->domain)->config, body,
                                      &change->client, &detail);
  if (error == ERR_NONE)
    error = make_identity(change);
  if (error == ERR_CLIENT_METADATA)
    refuse_metadata(http, &detail);
  else if (error != ERR_NONE)
    http_reply_error(http, error);
  else
    change_go(http, change, add_make);
}

/* --- rotate --- */

static error_code_t rotate_make(database_t *database, change_t *change)
{
  return stored_client_rotate(database, change->client.id, &change->client.secret,
                              change->client.previous_until_ms);
}

void client_rotate(http_request_t *http, void *app)
{
  change_t *change = change_begin(http, app, "client.rotated");
  if (change == NULL)
    return;
  json_t *body;
  bool at_once = false;
  error_code_t error = http_request_json(http, &body);
  if (error == ERR_NONE)
    error = json_get_boolean(body, "at_once", false, &at_once);
  if (error == ERR_NONE)
    error = make_secret(change);
  change->client.previous_until_ms = change->now_ms + (at_once ? 0 : SECRET_GRACE_MS);
  if (error == ERR_NONE)
    change_go(http, change, rotate_make);
  else
    http_reply_error(http, error);
}

/* --- remove --- */

static error_code_t remove_make(database_t *database, change_t *change)
{
  int64_t consents;
  error_code_t error = stored_client_remove(database, change->client.id);
  if (error == ERR_NONE)
    error = consent_withdraw(database, change->client.id, BYTES_NONE, &consents);
  if (error == ERR_NONE)
    error = logout_forget_client(database, change->client.id);
  return error == ERR_NONE ? grant_end_client(database, change->client.id, change->now_ms, ended_grants_note,
                                              &change->ended)
                           : error;
}

void client_remove(http_request_t *http, void *app)
{
  change_t *change = change_begin(http, app, "client.removed");
  if (change != NULL)
    change_go(http, change, remove_make);
}
