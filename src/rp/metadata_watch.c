#include "rp/metadata_watch.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/log.h"

#define LOOK_MS 2000 /* how often files are looked at for a change */
#define RETRY_FIRST_MS ((int64_t)60 * 1000)
#define FETCH_TIMEOUT_MS 120000
#define AUDIT_DETAIL_MAX_LENGTH 2048

struct metadata_watch {
  rp_t *rp;
  fetch_agent_t *agent;
  bool eager;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool woken, stopping;
  metadata_ask_t *asks;
  metadata_loaded_t loaded; /* what is held; metadata NULL: nothing was loaded yet */
  error_detail_t fetch_problem;
  int64_t tried_ms;
  bool is_configured;
  /* The thread's own. */
  uint64_t fingerprint;
  bool has_fingerprint;
  int64_t next_fetch_ms, retry_ms; /* monotonic */
  bool stale_told;
  error_detail_t told; /* the problem that the alarm was about */
};

/* --- the alarm --- */

typedef struct event_job {
  store_job_t base;
  const char *event;
  bytes_t detail;
  int64_t time_ms;
} event_job_t;

static error_code_t event_apply(database_t *database, store_job_t *base)
{
  const event_job_t *job = (const event_job_t *)base;
  const audit_event_t row = {.time_ms = job->time_ms, .event = job->event, .detail = job->detail};
  return audit_append(database, &row);
}

static void audit(metadata_watch_t *watch, const char *event, const metadata_blob_t *blob,
                  const char *problem)
{
  uint8_t memory[AUDIT_DETAIL_MAX_LENGTH];
  builder_t detail = builder_over(memory, sizeof memory);
  builder_add_string(&detail, "{");
  if (blob != NULL) {
    builder_add_string(&detail, "\"number\":");
    builder_add_decimal(&detail, blob->number);
    builder_add_string(&detail, ",\"models\":");
    builder_add_decimal(&detail, (int64_t)blob->model_count);
  }
  if (problem != NULL) {
    builder_add_string(&detail, blob != NULL ? ",\"problem\":" : "\"problem\":");
    builder_add_json_string(&detail, bytes_of_string(problem));
  }
  builder_add_string(&detail, "}");
  event_job_t job = {.base.apply = event_apply,
                     .event = event,
                     .detail = detail.failed ? BYTES_LITERAL("{}") : builder_bytes(&detail),
                     .time_ms = clock_now_ms()};
  error_code_t error = store_run(watch->rp->store, &job.base);
  if (error != ERR_NONE)
    log_event(LOG_WARNING, "metadata.unaudited", LOG_TEXT("event", event),
              LOG_TEXT("error", error_info(error)->slug));
}

/* Once for each problem, until it is another one or none. */
static void tell_problem(metadata_watch_t *watch, const error_detail_t *problem)
{
  if (strcmp(watch->told.text, problem->text) == 0)
    return;
  watch->told = *problem;
  if (problem->text[0] == '\0') {
    log_event(LOG_INFO, "metadata.recovered", LOG_NUMBER("number", watch->loaded.blob.number));
    return;
  }
  /* whoever runs one command is told by its answer */
  log_event(watch->eager ? LOG_ERROR : LOG_WARNING, "metadata.refused", LOG_TEXT("detail", problem->text));
  audit(watch, "metadata.refused", NULL, problem->text);
}

static void tell_taken(metadata_watch_t *watch, const metadata_loaded_t *loaded)
{
  const metadata_blob_t *blob = &loaded->blob;
  log_event(
      LOG_INFO, "metadata.updated", LOG_NUMBER("number", blob->number),
      LOG_NUMBER("models", blob->model_count), LOG_NUMBER("unusable", blob->unusable_count),
      LOG_TEXT("revocation", loaded->checks_revocation ? "checked" : "not checked: no rp.metadata.crls"));
  audit(watch, "metadata.updated", blob, NULL);
}

static void tell_stale(metadata_watch_t *watch)
{
  const metadata_loaded_t *loaded = &watch->loaded; /* only this thread changes it */
  bool stale = loaded->has_blob && metadata_blob_is_stale(&loaded->blob, clock_now_ms());
  if (stale && !watch->stale_told) {
    log_event(LOG_ERROR, "metadata.stale", LOG_NUMBER("number", loaded->blob.number));
    audit(watch, "metadata.stale", &loaded->blob, NULL);
  }
  watch->stale_told = stale;
}

/* --- looking --- */

static void put(metadata_watch_t *watch, const metadata_loaded_t *loaded)
{
  pthread_mutex_lock(&watch->lock);
  metadata_loaded_t old = watch->loaded;
  watch->loaded = *loaded;
  pthread_mutex_unlock(&watch->lock);
  metadata_loaded_done(&old);
  malloc_trim(0); /* reading took several times what is kept */
}

static error_detail_t problem_of(const metadata_watch_t *watch)
{
  return watch->fetch_problem.text[0] != '\0' ? watch->fetch_problem : watch->loaded.problem;
}

static void load(metadata_watch_t *watch, const config_t *config)
{
  metadata_loaded_t loaded;
  error_code_t error = metadata_load(config, clock_now_ms(), &loaded);
  if (error != ERR_NONE) {
    log_event(LOG_ERROR, "metadata.failed", LOG_TEXT("error", error_info(error)->slug));
    return;
  }
  put(watch, &loaded);
  if (loaded.is_new)
    tell_taken(watch, &loaded);
}

static void set_fetch_problem(metadata_watch_t *watch, const error_detail_t *problem)
{
  pthread_mutex_lock(&watch->lock);
  watch->fetch_problem = *problem;
  watch->tried_ms = clock_now_ms();
  pthread_mutex_unlock(&watch->lock);
}

/* Sooner again after a failure, then less and less soon. */
static void plan_fetch(metadata_watch_t *watch, const config_metadata_t *config, bool failed)
{
  int64_t wait_ms = config->refresh_ms;
  if (failed) {
    watch->retry_ms = watch->retry_ms == 0 ? RETRY_FIRST_MS : watch->retry_ms * 2;
    wait_ms = watch->retry_ms < wait_ms ? watch->retry_ms : wait_ms;
  } else {
    watch->retry_ms = 0;
  }
  watch->next_fetch_ms = clock_monotonic_ms() + wait_ms;
}

static void fetch(metadata_watch_t *watch, const config_metadata_t *config)
{
  error_detail_t detail = {""};
  error_code_t error = watch->agent != NULL ? fetch_agent_run(watch->agent, FETCH_TIMEOUT_MS, &detail)
                                            : error_because(&detail, ERR_UNAVAILABLE,
                                                            "rp.metadata.url is new: that needs a restart");
  if (error != ERR_NONE && detail.text[0] == '\0')
    error_explain(&detail, "%s", error_info(error)->sentence);
  if (error != ERR_NONE) {
    error_detail_t whole = {""};
    error_explain(&whole, "%.80s: %.150s", config->url, detail.text);
    detail = whole;
  }
  set_fetch_problem(watch, &detail);
  plan_fetch(watch, config, error != ERR_NONE);
}

/* What is there is what counts at the start; the network comes after it. */
static void look(metadata_watch_t *watch, const config_t *config, bool must_load, bool must_fetch)
{
  const config_metadata_t *metadata = &config->rp.metadata;
  bool due = watch->eager && clock_monotonic_ms() >= watch->next_fetch_ms;
  bool fetched = metadata->url != NULL && (must_fetch || due);
  uint64_t fingerprint = metadata_load_fingerprint(config);
  pthread_mutex_lock(&watch->lock);
  watch->is_configured = metadata_is_configured(metadata);
  pthread_mutex_unlock(&watch->lock);
  if (fetched)
    fetch(watch, metadata);
  else if (metadata->url == NULL)
    set_fetch_problem(watch, &(error_detail_t){""});
  if (fetched || must_load || !watch->has_fingerprint || fingerprint != watch->fingerprint)
    load(watch, config);
  watch->fingerprint = fingerprint;
  watch->has_fingerprint = true;
  error_detail_t problem = problem_of(watch);
  tell_problem(watch, &problem);
  tell_stale(watch);
}

/* --- the thread --- */

static void answer(metadata_ask_t *asks)
{
  while (asks != NULL) {
    metadata_ask_t *next = asks->next; /* the memory is the request's */
    http_request_wake(asks->request);
    asks = next;
  }
}

/* False when it is time to end. */
static bool wait_for_work(metadata_watch_t *watch, metadata_ask_t **ret_asks)
{
  int64_t until_ms = clock_monotonic_ms() + LOOK_MS;
  const struct timespec until = {until_ms / 1000, (until_ms % 1000) * 1000000};
  int timed_out = 0;
  pthread_mutex_lock(&watch->lock);
  while (!watch->stopping && !watch->woken && watch->asks == NULL && !(watch->eager && timed_out != 0)) {
    if (watch->eager)
      timed_out = pthread_cond_timedwait(&watch->changed, &watch->lock, &until);
    else
      pthread_cond_wait(&watch->changed, &watch->lock);
  }
  watch->woken = false;
  *ret_asks = watch->asks;
  watch->asks = NULL;
  bool go_on = !watch->stopping;
  pthread_mutex_unlock(&watch->lock);
  return go_on;
}

static void *run(void *argument)
{
  metadata_watch_t *watch = argument;
  metadata_ask_t *asks = NULL;
  while (wait_for_work(watch, &asks)) {
    bool must_fetch = false;
    for (const metadata_ask_t *ask = asks; ask != NULL; ask = ask->next)
      must_fetch = must_fetch || ask->fetch;
    settings_t *settings = rp_settings_hold(watch->rp);
    look(watch, settings->config, must_fetch, must_fetch);
    settings_release(settings);
    answer(asks);
  }
  answer(asks);
  return NULL;
}

static error_code_t start_thread(metadata_watch_t *watch)
{
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_mutex_init(&watch->lock, NULL);
  pthread_cond_init(&watch->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  if (watch->eager) {
    settings_t *settings = rp_settings_hold(watch->rp);
    watch->next_fetch_ms = INT64_MAX; /* not before the server answers */
    look(watch, settings->config, true, false);
    /* a server that is started again and again does not ask again and again */
    int64_t age_ms = clock_now_ms() - metadata_last_fetched_ms(settings->config);
    int64_t left_ms = settings->config->rp.metadata.refresh_ms - (age_ms > 0 ? age_ms : 0);
    watch->next_fetch_ms = left_ms > 0 && watch->loaded.has_blob ? clock_monotonic_ms() + left_ms : 0;
    watch->woken = true;
    settings_release(settings);
  }
  return pthread_create(&watch->thread, NULL, run, watch) == 0 ? ERR_NONE : ERR_NO_MEMORY;
}

error_code_t metadata_watch_start(rp_t *rp, fetch_agent_t *agent, bool eager, metadata_watch_t **ret_watch)
{
  metadata_watch_t *watch = calloc(1, sizeof *watch);
  if (watch == NULL)
    return ERR_NO_MEMORY;
  watch->rp = rp;
  watch->agent = agent;
  watch->eager = eager;
  error_code_t error = start_thread(watch);
  if (error != ERR_NONE) {
    metadata_loaded_done(&watch->loaded);
    free(watch);
    return error;
  }
  *ret_watch = watch;
  return ERR_NONE;
}

void metadata_watch_stop(metadata_watch_t *watch)
{
  if (watch == NULL)
    return;
  pthread_mutex_lock(&watch->lock);
  watch->stopping = true;
  pthread_cond_signal(&watch->changed);
  pthread_mutex_unlock(&watch->lock);
  pthread_join(watch->thread, NULL);
  pthread_mutex_destroy(&watch->lock);
  pthread_cond_destroy(&watch->changed);
  metadata_loaded_done(&watch->loaded);
  free(watch);
}

void metadata_watch_wake(metadata_watch_t *watch)
{
  if (watch == NULL)
    return;
  pthread_mutex_lock(&watch->lock);
  watch->woken = true;
  pthread_cond_signal(&watch->changed);
  pthread_mutex_unlock(&watch->lock);
}

void metadata_watch_ask(metadata_watch_t *watch, metadata_ask_t *ask, http_handler_t *then, void *app)
{
  if (watch->eager && !ask->fetch) {
    then(ask->request, app);
    return;
  }
  http_request_wait(ask->request, then, ask);
  pthread_mutex_lock(&watch->lock);
  bool stopping = watch->stopping;
  if (!stopping) {
    ask->next = watch->asks;
    watch->asks = ask;
    pthread_cond_signal(&watch->changed);
  }
  pthread_mutex_unlock(&watch->lock);
  if (stopping)
    http_request_wake(ask->request);
}

/* --- what is held --- */

metadata_t *metadata_watch_hold(metadata_watch_t *watch)
{
  if (watch == NULL)
    return NULL;
  pthread_mutex_lock(&watch->lock);
  metadata_t *metadata = watch->loaded.metadata != NULL ? metadata_hold(watch->loaded.metadata) : NULL;
  pthread_mutex_unlock(&watch->lock);
  return metadata;
}

const char *metadata_state_name(metadata_state_t state)
{
  static const char *const NAMES[] = {[METADATA_OFF] = "off",
                                      [METADATA_MISSING] = "missing",
                                      [METADATA_STALE] = "stale",
                                      [METADATA_FAILING] = "failing",
                                      [METADATA_OK] = "ok"};
  return NAMES[state];
}

void metadata_watch_overview(metadata_watch_t *watch, int64_t now_ms, metadata_overview_t *ret_overview)
{
  *ret_overview = (metadata_overview_t){.state = METADATA_OFF};
  if (watch == NULL)
    return;
  pthread_mutex_lock(&watch->lock);
  const metadata_loaded_t *loaded = &watch->loaded;
  *ret_overview = (metadata_overview_t){
      .has_blob = loaded->has_blob,
      .checks_revocation = loaded->checks_revocation,
      .blob = loaded->blob,
      .received_ms = loaded->received_ms,
      .tried_ms = watch->tried_ms,
      .model_count = loaded->metadata != NULL ? metadata_count(loaded->metadata) : 0,
      .statement_count = loaded->statement_count,
      .problem = problem_of(watch),
  };
  bool configured = watch->is_configured;
  pthread_mutex_unlock(&watch->lock);
  bool stale = ret_overview->has_blob && metadata_blob_is_stale(&ret_overview->blob, now_ms);
  ret_overview->state = !configured                                                 ? METADATA_OFF
                        : ret_overview->model_count == 0 && !ret_overview->has_blob ? METADATA_MISSING
                        : stale                                                     ? METADATA_STALE
                        : ret_overview->problem.text[0] != '\0'                     ? METADATA_FAILING
                                                                                    : METADATA_OK;
}

bool metadata_watch_is_trusted(metadata_watch_t *watch, const config_metadata_t *config, int64_t now_ms)
{
  metadata_overview_t overview;
  if (!config->refuse_stale)
    return true;
  metadata_watch_overview(watch, now_ms, &overview);
  return overview.state != METADATA_STALE;
}
