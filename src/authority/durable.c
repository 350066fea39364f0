#include "authority/durable.h"

static void durable_done(store_job_t *job)
{
  durable_t *durable = (durable_t *)job;
  if (durable->settle != NULL)
    durable->settle(durable);
  http_request_wake(durable->request);
}

void durable_wait(http_request_t *request, store_t *store, durable_t *durable,
                  error_code_t (*apply)(database_t *database, store_job_t *job), http_handler_t *then)
{
  durable->job.apply = apply;
  durable->job.done = durable_done;
  durable->request = request;
  http_request_wait(request, then, durable);
  store_submit(store, &durable->job);
}
