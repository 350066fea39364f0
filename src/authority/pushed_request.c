#include "authority/pushed_request.h"

#include <string.h>

#include "authority/authority.h"
#include "authority/authorization_request.h"
#include "authority/durable.h"
#include "authority/proof.h"
#include "authority/reference.h"
#include "authority/token_request.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "store/authority_pushed.h"

#define KIND "pushed"

typedef struct pushing {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  dpop_proof_t proof;
  pushed_row_t row;
  int64_t id;
  secret_key_t secret;
} pushing_t;

/* --- what is kept --- */

/* What a client proves itself by is no part of the request, and what it is known by is added anew. */
static bool is_kept(bytes_t name)
{
  static const char *const others[] = {"client_id", "client_secret", "client_assertion",
                                       "client_assertion_type", "dpop_jkt"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (bytes_equal_string(name, others[i]))
      return false;
  return true;
}

/* RFC 9449 §10.1: the proof of the request binds the code as dpop_jkt does; both must name one key. */
static error_code_t find_key(arena_t *arena, const client_request_t *request, bytes_t *ret_thumbprint)
{
  const confirmation_t *key = &request->proof.key;
  *ret_thumbprint = http_form_get(request->form, "dpop_jkt");
  if (key->kind != CONFIRMATION_DPOP)
    return ERR_NONE;
  const char *proven = base64url_encode(arena, bytes_of(key->thumbprint, sizeof key->thumbprint));
  if (proven == NULL)
    return ERR_NO_MEMORY;
  if (ret_thumbprint->len > 0 && !bytes_equal_string(*ret_thumbprint, proven))
    return ERR_DPOP_JKT;
  *ret_thumbprint = bytes_of_string(proven);
  return ERR_NONE;
}

static error_code_t build_query(arena_t *arena, const client_request_t *request, bytes_t *ret_query)
{
  bytes_t thumbprint;
  error_code_t error = find_key(arena, request, &thumbprint);
  if (error != ERR_NONE)
    return error;
  builder_t query = arena_builder(arena, 3 * http_request_body(request->http).len + 512);
  http_form_add(&query, BYTES_LITERAL("client_id"), bytes_of_string(request->client->id));
  http_form_add(&query, BYTES_LITERAL("dpop_jkt"), thumbprint);
  for (size_t i = 0; i < http_form_count(request->form); i++) {
    bytes_t name, value;
    http_form_at(request->form, i, &name, &value);
    if (is_kept(name))
      http_form_add(&query, name, value);
  }
  *ret_query = builder_bytes(&query);
  return query.failed ? ERR_NO_MEMORY : ERR_NONE;
}

/* The same judgement as at /authorize, only that every error is the client's to read (§2.3). */
static error_code_t check_request(arena_t *arena, const domain_settings_t *settings, bytes_t query)
{
  authorization_target_t target;
  authorization_request_t request;
  error_code_t error = authorization_target_parse(arena, settings, query, &target);
  if (error == ERR_NONE && target.native)
    error = ERR_REDIRECT_URI; /* such a request is made and answered at the login server alone */
  return error == ERR_NONE ? authorization_request_parse(arena, settings, &target, &request) : error;
}

/* --- the job and its answer --- */

static error_code_t pushing_apply(database_t *database, store_job_t *job)
{
  pushing_t *pushing = (pushing_t *)job;
  error_code_t error = client_proof_spend(database, &pushing->proof);
  return error == ERR_NONE ? pushed_add(database, &pushing->row, &pushing->id) : error;
}

static void pushing_then(http_request_t *http, void *app)
{
  (void)app;
  const pushing_t *pushing = http_request_state(http);
  bytes_t handle;
  error_code_t error = pushing->durable.job.outcome;
  if (error == ERR_NONE)
    error = reference_build(pushing->arena, &pushing->domain->reference_key, KIND, pushing->id,
                            &pushing->secret, &handle);
  if (error != ERR_NONE) {
    token_reply_error(http, error);
    return;
  }
  json_t *body = json_object();
  json_set_string(
      body, "request_uri",
      arena_format(pushing->arena, PUSHED_URI_PREFIX "%.*s", (int)handle.len, (const char *)handle.data));
  json_set_integer(body, "expires_in", PUSHED_LIFETIME_MS / 1000);
  http_reply_json(http, 201, body);
}

static error_code_t pushing_begin(const client_request_t *request, const domain_settings_t *settings,
                                  pushing_t *pushing)
{
  arena_t *arena = http_request_arena(request->http);
  *pushing = (pushing_t){.domain = request->domain, .arena = arena, .proof = request->proof};
  if (http_form_get(request->form, "request_uri").len > 0)
    return ERR_PUSHED_REQUEST_URI; /* §2.1 */
  error_code_t error = ERR_NONE;
  if (request->proof.key.kind !=
      CONFIRMATION_NONE) /* a request may be pushed without: the code's redemption wants one */
    error = client_check_binding(request, settings);
  if (error == ERR_NONE)
    error = build_query(arena, request, &pushing->row.query);
  if (error == ERR_NONE)
    error = check_request(arena, settings, pushing->row.query);
  if (error == ERR_NONE)
    error = reference_make(&pushing->secret, pushing->row.handle_hash);
  pushing->row.client = arena_copy(arena, bytes_of_string(request->client->id));
  pushing->row.expires_ms = clock_now_ms() + PUSHED_LIFETIME_MS;
  return error == ERR_NONE && pushing->row.client.data == NULL ? ERR_NO_MEMORY : error;
}

static void push_for(client_request_t *request, const domain_settings_t *settings, error_code_t outcome)
{
  pushing_t *pushing = arena_alloc(http_request_arena(request->http), sizeof *pushing);
  if (outcome == ERR_NONE)
    outcome = pushing != NULL ? pushing_begin(request, settings, pushing) : ERR_NO_MEMORY;
  if (outcome == ERR_NONE)
    durable_wait(request->http, request->domain->store, &pushing->durable, pushing_apply, pushing_then);
  else
    token_reply_error(request->http, outcome);
}

void pushed_request_endpoint(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", "/par");
  if (domain == NULL)
    return;
  client_request_t *request;
  error_code_t error = client_request_read(http, domain, &request);
  if (error == ERR_NONE)
    error = proof_read(http, domain, "/par", &request->proof);
  if (error == ERR_NONE)
    client_authenticate(request, push_for);
  else
    token_reply_error(http, error);
}

/* --- use --- */

static error_code_t find(arena_t *arena, const domain_t *domain, bytes_t handle, int64_t now_ms,
                         int64_t *ret_row, pushed_row_t *ret_pushed)
{
  uint8_t hash[32];
  if (reference_parse(&domain->reference_key, KIND, handle, ret_row, hash) != ERR_NONE)
    return ERR_PUSHED_REQUEST;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  return pushed_find(read.database, arena, *ret_row, hash, now_ms, ret_pushed);
}

error_code_t pushed_request_resolve(arena_t *arena, const domain_t *domain, bytes_t query, int64_t now_ms,
                                    bytes_t *ret_query, int64_t *ret_row)
{
  static const bytes_t prefix = BYTES_LITERAL(PUSHED_URI_PREFIX);
  http_form_t *form;
  pushed_row_t pushed;
  *ret_query = query;
  *ret_row = 0;
  error_code_t error = query.len <= QUERY_MAX ? http_form_parse(arena, query, &form) : ERR_TOO_LARGE;
  if (error != ERR_NONE)
    return error == ERR_NO_MEMORY ? error : ERR_NONE; /* said by whoever reads the request itself */
  bytes_t uri = http_form_get(form, "request_uri");
  if (uri.len <= prefix.len || memcmp(uri.data, prefix.data, prefix.len) != 0)
    return ERR_NONE;
  bytes_t handle = bytes_of(uri.data + prefix.len, uri.len - prefix.len);
  error = find(arena, domain, handle, now_ms, ret_row, &pushed);
  if (error == ERR_NONE && !bytes_equal(http_form_get(form, "client_id"), pushed.client))
    error = ERR_PUSHED_REQUEST;
  if (error == ERR_NONE)
    *ret_query = pushed.query;
  return error;
}
