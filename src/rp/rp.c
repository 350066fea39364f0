#include "rp/rp.h"

#include "base/clock.h"
#include "http/inner.h"

#define CALL_TIMEOUT_MS 5000
#define ERROR_MAX_LENGTH 1024

settings_t *rp_settings_hold(rp_t *rp)
{
  pthread_mutex_lock(&rp->settings_lock);
  settings_t *settings = rp->settings;
  atomic_fetch_add(&settings->holders, 1);
  pthread_mutex_unlock(&rp->settings_lock);
  return settings;
}

void rp_settings_replace(rp_t *rp, settings_t *settings)
{
  pthread_mutex_lock(&rp->settings_lock);
  settings_t *old = rp->settings;
  rp->settings = settings;
  pthread_mutex_unlock(&rp->settings_lock);
  settings_release(old);
}

exchange_t exchange_begin(http_request_t *request, void *app)
{
  rp_t *rp = app;
  settings_t *settings = rp_settings_hold(rp);
  return (exchange_t){.rp = rp,
                      .request = request,
                      .arena = http_request_arena(request),
                      .settings = settings,
                      .config = settings->config,
                      .now_ms = clock_now_ms()};
}

void exchange_end(exchange_t *exchange)
{
  settings_release(exchange->settings);
}

static void job_done(store_job_t *job)
{
  http_request_wake(((rp_job_t *)job)->request);
}

void rp_job_submit(const exchange_t *exchange, rp_job_t *job,
                   error_code_t (*apply)(database_t *database, store_job_t *job), http_handler_t *then)
{
  job->base.apply = apply;
  job->base.done = job_done;
  job->request = exchange->request;
  http_request_wait(exchange->request, then, job);
  store_submit(exchange->rp->store, &job->base);
}

static void call_done(http_call_t *call)
{
  http_request_wake(((rp_call_t *)call)->request);
}

void rp_call_submit(const exchange_t *exchange, rp_call_t *call, const char *path, bytes_t body,
                    http_handler_t *then)
{
  call->base = (http_call_t){.arena = exchange->arena,
                             .method = "POST",
                             .path = path,
                             .body = body,
                             .timeout_ms = CALL_TIMEOUT_MS,
                             .done = call_done};
  call->request = exchange->request;
  http_request_wait(exchange->request, then, call);
  http_client_submit(exchange->rp->authority, &call->base);
}

static void add_error(builder_t *builder, http_request_t *request, error_code_t code)
{
  const error_info_t *info = error_info(code);
  builder_add_string(builder, "{\"status\":\"failed\",\"errorMessage\":");
  builder_add_json_string(builder, bytes_of_string(info->sentence));
  builder_add_string(builder, ",\"error\":\"");
  builder_add_string(builder, info->slug);
  builder_add_string(builder, "\",\"request_id\":\"");
  builder_add_string(builder, http_request_id(request));
  builder_add_string(builder, "\"");
}

static void reply_error(http_request_t *request, error_code_t code, const builder_t *builder)
{
  if (code == ERR_TOO_MANY)
    http_reply_header(request, "Retry-After", "60");
  if (builder->failed)
    http_reply_error(request, code);
  else
    http_reply_static(request, error_info(code)->http_status, "application/json", builder_bytes(builder));
}

void rp_refuse_request(http_request_t *request, error_code_t code)
{
  builder_t builder = arena_builder(http_request_arena(request), ERROR_MAX_LENGTH);
  add_error(&builder, request, code);
  builder_add_string(&builder, "}");
  reply_error(request, code, &builder);
}

void rp_refuse(const exchange_t *exchange, error_code_t code)
{
  rp_refuse_request(exchange->request, code);
}

void rp_refuse_unknown_credential(const exchange_t *exchange, error_code_t code)
{
  builder_t builder = arena_builder(exchange->arena, ERROR_MAX_LENGTH);
  add_error(&builder, exchange->request, code);
  builder_add_string(&builder, ",\"unknown_credential\":true}");
  reply_error(exchange->request, code, &builder);
}

void rp_refuse_step_up(const exchange_t *exchange, requirement_t requirement)
{
  builder_t builder = arena_builder(exchange->arena, ERROR_MAX_LENGTH);
  add_error(&builder, exchange->request, ERR_STEP_UP);
  builder_add_string(&builder, ",\"requirement\":{");
  if (requirement.level >= 0 && (size_t)requirement.level < exchange->config->levels.count) {
    builder_add_string(&builder, "\"acr\":");
    builder_add_json_string(&builder,
                            bytes_of_string(exchange->config->levels.levels[requirement.level].name));
    if (requirement.max_age_ms != MAX_AGE_NONE)
      builder_add_string(&builder, ",");
  }
  if (requirement.max_age_ms != MAX_AGE_NONE) {
    builder_add_string(&builder, "\"max_age\":");
    builder_add_decimal(&builder, requirement.max_age_ms / 1000);
  }
  builder_add_string(&builder, "}}");
  reply_error(exchange->request, ERR_STEP_UP, &builder);
}

void rp_reply_ok(const exchange_t *exchange)
{
  static const char body[] = "{\"status\":\"ok\",\"errorMessage\":\"\"}";
  http_reply_static(exchange->request, 200, "application/json", bytes_of(body, sizeof(body) - 1));
}

void rp_reply_built(const exchange_t *exchange, int status, const builder_t *builder)
{
  if (builder->failed)
    rp_refuse(exchange, ERR_NO_MEMORY);
  else
    http_reply_static(exchange->request, status, "application/json", builder_bytes(builder));
}

bool rp_admit(const exchange_t *exchange)
{
  if (http_inner_is_running(exchange->request))
    return true; /* whoever runs it has been admitted */
  if (rate_limit_take(exchange->rp->rate_limit, http_request_peer(exchange->request), clock_monotonic_ms()))
    return true;
  rp_refuse(exchange, ERR_TOO_MANY);
  return false;
}
