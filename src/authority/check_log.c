#include "authority/check_log.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

#define WINDOW_MS 1000
#define NAME_MAX_SHOWN 64

struct check_log {
  pthread_mutex_t lock;
  int64_t window_ms; /* when it began */
  int64_t lines, left_out;
};

error_code_t check_log_new(check_log_t **ret_log)
{
  check_log_t *log = calloc(1, sizeof *log);
  if (log == NULL)
    return ERR_NO_MEMORY;
  pthread_mutex_init(&log->lock, NULL);
  *ret_log = log;
  return ERR_NONE;
}

void check_log_free(check_log_t *log)
{
  if (log == NULL)
    return;
  pthread_mutex_destroy(&log->lock);
  free(log);
}

bool check_log_admit(check_log_t *log, int64_t now_ms, int64_t *ret_left_out)
{
  pthread_mutex_lock(&log->lock);
  if (now_ms - log->window_ms >= WINDOW_MS || now_ms < log->window_ms) {
    log->window_ms = now_ms;
    log->lines = 0;
  }
  bool admitted = log->lines < CHECK_LOG_LINES;
  if (admitted) {
    log->lines++;
    *ret_left_out = log->left_out;
    log->left_out = 0;
  } else {
    log->left_out++;
  }
  pthread_mutex_unlock(&log->lock);
  return admitted;
}

static const char *level_name(const level_table_t *levels, int level)
{
  return level >= 0 && (size_t)level < levels->count ? levels->levels[level].name : "none";
}

/* A client's id, for which the domain's own token vouches. */
static const char *client_name(const check_answer_t *answer, char name[NAME_MAX_SHOWN + 1])
{
  size_t len = answer->client.len < NAME_MAX_SHOWN ? answer->client.len : NAME_MAX_SHOWN;
  for (size_t i = 0; i < len; i++)
    name[i] = (char)answer->client.data[i];
  name[len] = '\0';
  return name;
}

void check_log_refusal(check_log_t *log, const domain_t *domain, const char *request_id,
                       const check_answer_t *answer)
{
  int64_t left_out;
  char client[NAME_MAX_SHOWN + 1];
  const level_table_t *levels = domain_settings(domain)->levels;
  if (!check_log_admit(log, clock_now_ms(), &left_out))
    return;
  const config_route_t *route = answer->route;
  int64_t max_age_ms = answer->judged ? answer->wanted.max_age_ms : MAX_AGE_NONE;
  log_event(LOG_INFO, "check.refused", LOG_TEXT("domain", domain->id.text), LOG_TEXT("request", request_id),
            LOG_TEXT("error", error_info(answer->cause)->slug),
            LOG_TEXT("method", route != NULL ? route->method : ""),
            LOG_TEXT("route", route != NULL ? route->pattern : ""),
            LOG_TEXT("client", client_name(answer, client)),
            LOG_TEXT("acr", answer->judged ? level_name(levels, answer->wanted.level) : ""),
            LOG_NUMBER("max_age", max_age_ms == MAX_AGE_NONE ? -1 : max_age_ms / 1000),
            LOG_TEXT("evidence", answer->judged ? evidence_kind_name(answer->wanted.kind) : ""),
            LOG_TEXT("held", level_name(levels, answer->held)),
            LOG_TEXT("missing", answer->judged ? shortfall_name(answer->decision.shortfall) : ""),
            LOG_TEXT("challenge", answer->challenge), LOG_NUMBER("left_out", left_out));
}
