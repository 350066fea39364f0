/* The relying party: what its handlers share. */
#ifndef SEKISHO_RP_RP_H
#define SEKISHO_RP_RP_H

#include <pthread.h>

#include "http/client.h"
#include "http/http.h"
#include "rp/rate_limit.h"
#include "rp/rp_keys.h"
#include "rp/settings.h"
#include "store/store.h"

typedef struct outbox outbox_t;
typedef struct metadata_watch metadata_watch_t;

typedef struct rp {
  pthread_mutex_t settings_lock;
  settings_t *settings; /* the current ones: rp_settings_hold */
  rp_keys_t keys;
  store_t *store;
  http_client_t *authority;     /* calls of the hand-off */
  const char *authority_socket; /* its path, for /readyz */
  rate_limit_t *rate_limit;
  outbox_t *outbox;
  metadata_watch_t *metadata_watch;
} rp_t;

settings_t *rp_settings_hold(rp_t *rp);
/* Puts new settings in place of the current ones. */
void rp_settings_replace(rp_t *rp, settings_t *settings);

/* One stage of an exchange: a handler begins it, and it ends with the handler's scope. The settings may be
 * newer in the next stage, so nothing of theirs is kept from one to the other. */
typedef struct exchange {
  rp_t *rp;
  http_request_t *request;
  arena_t *arena;
  settings_t *settings;
  const config_t *config;
  int64_t now_ms;
} exchange_t;

exchange_t exchange_begin(http_request_t *request, void *app);
void exchange_end(exchange_t *exchange);
#define EXCHANGE_BEGIN(name, request, app)                                                                   \
  CLEANUP(exchange_end) exchange_t name = exchange_begin((request), (app))

/* --- waiting --- */
/* A change that an exchange waits for. Use cases put it first in their own struct, made in the arena. */
typedef struct rp_job {
  store_job_t base;
  http_request_t *request;
} rp_job_t;
/* Suspends the exchange; then runs when the change is durable or has failed (job->base.outcome), with the job
 * as the request's state. */
void rp_job_submit(const exchange_t *exchange, rp_job_t *job,
                   error_code_t (*apply)(database_t *database, store_job_t *job), http_handler_t *then);

/* A call to the authority that an exchange waits for. */
typedef struct rp_call {
  http_call_t base;
  http_request_t *request;
} rp_call_t;
void rp_call_submit(const exchange_t *exchange, rp_call_t *call, const char *path, bytes_t body,
                    http_handler_t *then);

/* --- replies --- */
/* {"status":"failed","errorMessage":sentence,"error":slug,"request_id"}: FIDO's shape, and ours for all. */
void rp_refuse(const exchange_t *exchange, error_code_t code);
void rp_refuse_request(http_request_t *request, error_code_t code); /* before there is an exchange */
/* The same with "unknown_credential":true: there is no such credential, and the page may know it. */
void rp_refuse_unknown_credential(const exchange_t *exchange, error_code_t code);
/* ERR_STEP_UP with what is missing. */
void rp_refuse_step_up(const exchange_t *exchange, requirement_t requirement);
/* {"status":"ok","errorMessage":""} */
void rp_reply_ok(const exchange_t *exchange);
/* The builder's bytes as application/json, without a copy; 500 when it has failed. */
void rp_reply_built(const exchange_t *exchange, int status, const builder_t *builder);
/* False, with 429 answered, when the address asks too often. */
MUST_USE bool rp_admit(const exchange_t *exchange);

#endif
