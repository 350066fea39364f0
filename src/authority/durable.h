/* From a handler to the domain's writer and back: the handler's work is a store job, and the handler goes on
 * when it is durable. */
#ifndef SEKISHO_AUTHORITY_DURABLE_H
#define SEKISHO_AUTHORITY_DURABLE_H

#include "http/http.h"
#include "store/store.h"

typedef struct durable durable_t;
/* First member of the caller's own struct, in the request's arena. */
struct durable {
  store_job_t job;
  http_request_t *request;
  void (*settle)(durable_t *durable); /* on the writer's thread, when the outcome is known; may be NULL */
};

/* Suspends the request, submits the job; then is called with http_request_state(request) == durable. */
void durable_wait(http_request_t *request, store_t *store, durable_t *durable,
                  error_code_t (*apply)(database_t *database, store_job_t *job), http_handler_t *then);

#endif
