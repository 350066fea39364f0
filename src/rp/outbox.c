#include "rp/outbox.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "handoff/events.h"
#include "rp/claims.h"
#include "rp/pairwise.h"
#include "store/rp_outbox.h"

#define RETRY_FIRST_MS 500
#define RETRY_LAST_MS 30000
#define POLL_MS 5000 /* a wake may be lost with the process that owed it */
#define CALL_TIMEOUT_MS 5000
#define ARENA_LIMIT (64 * 1024)

struct outbox {
  rp_t *rp;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool woken, stopping;
};

void outbox_wake(outbox_t *outbox)
{
  if (outbox == NULL)
    return;
  pthread_mutex_lock(&outbox->lock);
  outbox->woken = true;
  pthread_cond_signal(&outbox->changed);
  pthread_mutex_unlock(&outbox->lock);
}

/* Waits for news, at most timeout_ms; false when it is time to end. *ret_woken: there is some. */
static bool wait_for_news(outbox_t *outbox, int64_t timeout_ms, bool heed_wake, bool *ret_woken)
{
  int64_t until_ms = clock_monotonic_ms() + timeout_ms;
  const struct timespec until = {until_ms / 1000, (until_ms % 1000) * 1000000};
  pthread_mutex_lock(&outbox->lock);
  int timed_out = 0;
  while (!outbox->stopping && !(heed_wake && outbox->woken) && timed_out == 0)
    timed_out = pthread_cond_timedwait(&outbox->changed, &outbox->lock, &until);
  *ret_woken = outbox->woken;
  outbox->woken = false;
  bool go_on = !outbox->stopping;
  pthread_mutex_unlock(&outbox->lock);
  return go_on;
}

/* The authority's answer to a message: ERR_NONE, or it must be sent again. */
static error_code_t send(outbox_t *outbox, arena_t *arena, handoff_kind_t kind, bytes_t body)
{
  http_call_t call = {.arena = arena,
                      .method = "POST",
                      .path = handoff_messages[kind].path,
                      .body = body,
                      .timeout_ms = CALL_TIMEOUT_MS};
  if (body.len == 0)
    return ERR_NO_MEMORY;
  error_code_t error = http_client_run(outbox->rp->authority, &call);
  if (error == ERR_NONE && (call.status < 200 || call.status >= 300))
    error = ERR_HANDOFF;
  return error;
}

/* --- what ended --- */

typedef struct delivered_job {
  store_job_t base;
  bytes_t domain;
  int64_t sequence;
} delivered_job_t;

static error_code_t delivered_apply(database_t *database, store_job_t *base)
{
  const delivered_job_t *job = (const delivered_job_t *)base;
  return rp_outbox_delivered(database, job->domain, job->sequence);
}

static const handoff_kind_t messages[RP_OUTBOX_KINDS] = {[RP_OUTBOX_SESSION_ENDED] = HANDOFF_SESSION_ENDED,
                                                         [RP_OUTBOX_ACCOUNT_ENDED] = HANDOFF_ACCOUNT_ENDED,
                                                         [RP_OUTBOX_CREDENTIAL_CHANGED] =
                                                             HANDOFF_CREDENTIAL_CHANGED};

/* One entry; ERR_NOT_FOUND when nothing waits. */
static error_code_t deliver_ended(outbox_t *outbox, arena_t *arena, const domain_id_t *domain)
{
  rp_outbox_entry_t entry;
  bytes_t name = bytes_of_string(domain->text);
  error_code_t error;
  {
    CLEANUP(store_read_end) store_read_t read = store_read_begin(outbox->rp->store);
    error = read.database != NULL ? rp_outbox_next(read.database, arena, name, 0, &entry) : ERR_UNAVAILABLE;
  }
  if (error == ERR_NONE) {
    const handoff_ended_t message = {.domain = *domain,
                                     .sequence = entry.sequence,
                                     .session = entry.session,
                                     .subject = entry.subject,
                                     .ended_ms = entry.ended_ms};
    error = send(outbox, arena, messages[entry.kind], handoff_ended_build(arena, &message));
  }
  if (error == ERR_NONE) {
    delivered_job_t job = {.base.apply = delivered_apply, .domain = name, .sequence = entry.sequence};
    error = store_run(outbox->rp->store, &job.base);
  }
  return error;
}

/* --- whose claims changed --- */

typedef struct told_job {
  store_job_t base;
  bytes_t domain;
  const rp_disclosure_t *disclosure;
} told_job_t;

static error_code_t told_apply(database_t *database, store_job_t *base)
{
  const told_job_t *job = (const told_job_t *)base;
  return rp_disclosure_delivered(database, job->domain, job->disclosure);
}

/* The claims as they are when the message is made: a change that comes later makes another message. */
static error_code_t read_claims(outbox_t *outbox, arena_t *arena, bytes_t domain,
                                rp_disclosure_t *ret_disclosure, bytes_t *ret_claims)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(outbox->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error = rp_disclosure_next(read.database, arena, domain, ret_disclosure);
  if (error != ERR_NONE)
    return error;
  return claims_text(read.database, arena, ret_disclosure->user, ret_disclosure->scopes, ret_claims);
}

/* One account; ERR_NOT_FOUND when the domain knows all that it was ever told. */
static error_code_t deliver_claims(outbox_t *outbox, arena_t *arena, const config_t *config,
                                   const domain_id_t *domain)
{
  rp_disclosure_t disclosure;
  bytes_t claims, name = bytes_of_string(domain->text);
  pairwise_t subject;
  const domain_id_t sector = pairwise_sector(config, domain);
  error_code_t error = read_claims(outbox, arena, name, &disclosure, &claims);
  if (error == ERR_NONE)
    error = pairwise_subject(&outbox->rp->keys, &sector, disclosure.user_handle, &subject);
  if (error == ERR_NONE) {
    const handoff_claims_changed_t message = {*domain, bytes_of_string(subject.text), claims};
    error = send(outbox, arena, HANDOFF_CLAIMS_CHANGED, handoff_claims_changed_build(arena, &message));
  }
  if (error == ERR_NONE) {
    told_job_t job = {.base.apply = told_apply, .domain = name, .disclosure = &disclosure};
    error = store_run(outbox->rp->store, &job.base);
  }
  return error;
}

/* --- the thread --- */

static error_code_t deliver_next(outbox_t *outbox, const config_t *config, const domain_id_t *domain)
{
  arena_t *arena = arena_new(4096, ARENA_LIMIT);
  if (arena == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = deliver_ended(outbox, arena, domain);
  if (error == ERR_NOT_FOUND)
    error = deliver_claims(outbox, arena, config, domain);
  arena_free(arena);
  return error;
}

static bool is_stopping(outbox_t *outbox)
{
  pthread_mutex_lock(&outbox->lock);
  bool stopping = outbox->stopping;
  pthread_mutex_unlock(&outbox->lock);
  return stopping;
}

/* False when a domain could not be told all. */
static bool deliver_all(outbox_t *outbox)
{
  settings_t *settings = rp_settings_hold(outbox->rp);
  bool complete = true;
  for (size_t i = 0; i < settings->config->domain_count && !is_stopping(outbox); i++) {
    error_code_t error;
    do
      error = deliver_next(outbox, settings->config, &settings->config->domains[i].id);
    while (error == ERR_NONE && !is_stopping(outbox));
    if (error != ERR_NOT_FOUND && error != ERR_NONE) {
      complete = false;
      log_event(LOG_WARNING, "outbox.delayed", LOG_TEXT("domain", settings->config->domains[i].id.text),
                LOG_TEXT("error", error_info(error)->slug));
    }
  }
  settings_release(settings);
  return complete;
}

static void *run(void *argument)
{
  outbox_t *outbox = argument;
  int64_t retry_ms = RETRY_FIRST_MS;
  bool woken = true;
  for (;;) {
    /* What other nodes left is one node's to deliver; what is told twice is understood. */
    bool complete = (!woken && !store_leads(outbox->rp->store)) || deliver_all(outbox);
    if (!wait_for_news(outbox, complete ? POLL_MS : retry_ms, complete, &woken))
      return NULL;
    retry_ms =
        complete || retry_ms * 2 > RETRY_LAST_MS ? (complete ? RETRY_FIRST_MS : RETRY_LAST_MS) : retry_ms * 2;
  }
}

/* Another node has news: it may be gone before it could tell them. */
static error_code_t outbox_heard(void *context)
{
  outbox_t *outbox = context;
  if (store_leads(outbox->rp->store))
    outbox_wake(outbox);
  return ERR_NONE;
}

error_code_t outbox_start(rp_t *rp, outbox_t **ret_outbox)
{
  outbox_t *outbox = calloc(1, sizeof(*outbox));
  if (outbox == NULL)
    return ERR_NO_MEMORY;
  outbox->rp = rp;
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_mutex_init(&outbox->lock, NULL);
  pthread_cond_init(&outbox->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  if (pthread_create(&outbox->thread, NULL, run, outbox) != 0) {
    free(outbox);
    return ERR_NO_MEMORY;
  }
  error_code_t error = store_watch_topic(rp->store, RP_OUTBOX_TOPIC, outbox_heard, outbox);
  if (error != ERR_NONE) {
    outbox_stop(outbox);
    return error;
  }
  *ret_outbox = outbox;
  return ERR_NONE;
}

void outbox_stop(outbox_t *outbox)
{
  if (outbox == NULL)
    return;
  pthread_mutex_lock(&outbox->lock);
  outbox->stopping = true;
  pthread_cond_signal(&outbox->changed);
  pthread_mutex_unlock(&outbox->lock);
  pthread_join(outbox->thread, NULL);
  pthread_mutex_destroy(&outbox->lock);
  pthread_cond_destroy(&outbox->changed);
  free(outbox);
}
