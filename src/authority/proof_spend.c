#include "authority/proof_spend.h"

bool proof_spend_is_needed(const domain_t *domain, const assertion_mark_t *mark)
{
  return mark->expires_ms != 0 && store_is_shared(domain->store);
}

static error_code_t spend_apply(database_t *database, store_job_t *job)
{
  proof_spend_t *spend = (proof_spend_t *)job;
  spend->fresh = false;
  return assertion_put(database, &spend->mark, &spend->fresh);
}

void proof_spend_wait(http_request_t *http, domain_t *domain, proof_spend_t *spend, http_handler_t *then)
{
  durable_wait(http, domain->store, &spend->durable, spend_apply, then);
}

error_code_t proof_spend_outcome(const proof_spend_t *spend)
{
  error_code_t outcome = spend->durable.job.outcome;
  return outcome == ERR_NONE && !spend->fresh ? ERR_DPOP_PROOF : outcome;
}
