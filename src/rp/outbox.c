#include "rp/outbox.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "handoff/handoff.h"
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

/* Waits for news, at most timeout_ms; false when it is time to end. */
static bool wait_for_news(outbox_t *outbox, int64_t timeout_ms, bool heed_wake)
{
  int64_t until_ms = clock_monotonic_ms() + timeout_ms;
  const struct timespec until = {until_ms / 1000, (until_ms % 1000) * 1000000};
  pthread_mutex_lock(&outbox->lock);
  int timed_out = 0;
  while (!outbox->stopping && !(heed_wake && outbox->woken) && timed_out == 0)
    timed_out = pthread_cond_timedwait(&outbox->changed, &outbox->lock, &until);
  outbox->woken = false;
  bool go_on = !outbox->stopping;
  pthread_mutex_unlock(&outbox->lock);
  return go_on;
}

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

static error_code_t post(outbox_t *outbox, arena_t *arena, const domain_id_t *domain,
                         const rp_outbox_entry_t *entry)
{
  const handoff_session_ended_t message = {*domain, entry->sequence, entry->session, entry->ended_ms};
  http_call_t call = {.arena = arena,
                      .method = "POST",
                      .path = handoff_messages[HANDOFF_SESSION_ENDED].path,
                      .body = handoff_session_ended_build(arena, &message),
                      .timeout_ms = CALL_TIMEOUT_MS};
  error_code_t error = http_client_run(outbox->rp->authority, &call);
  if (error == ERR_NONE && (call.status < 200 || call.status >= 300))
    error = ERR_HANDOFF;
  return error;
}

/* One entry; ERR_NOT_FOUND when nothing waits. */
static error_code_t deliver_next(outbox_t *outbox, const domain_id_t *domain)
{
  arena_t *arena = arena_new(4096, ARENA_LIMIT);
  if (arena == NULL)
    return ERR_NO_MEMORY;
  rp_outbox_entry_t entry;
  bytes_t name = bytes_of_string(domain->text);
  error_code_t error;
  {
    CLEANUP(store_read_end) store_read_t read = store_read_begin(outbox->rp->store);
    error = read.database != NULL ? rp_outbox_next(read.database, arena, name, 0, &entry) : ERR_UNAVAILABLE;
  }
  if (error == ERR_NONE)
    error = post(outbox, arena, domain, &entry);
  if (error == ERR_NONE) {
    delivered_job_t job = {.base.apply = delivered_apply, .domain = name, .sequence = entry.sequence};
    error = store_run(outbox->rp->store, &job.base);
  }
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
      error = deliver_next(outbox, &settings->config->domains[i].id);
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
  for (;;) {
    bool complete = deliver_all(outbox);
    if (!wait_for_news(outbox, complete ? POLL_MS : retry_ms, complete))
      return NULL;
    retry_ms =
        complete || retry_ms * 2 > RETRY_LAST_MS ? (complete ? RETRY_FIRST_MS : RETRY_LAST_MS) : retry_ms * 2;
  }
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
