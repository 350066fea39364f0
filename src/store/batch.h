/* A list of jobs that share one transaction. */
#ifndef SEKISHO_STORE_BATCH_H
#define SEKISHO_STORE_BATCH_H

#include "store/connection.h"
#include "store/store.h"

typedef struct batch {
  store_job_t *first;
  store_job_t *last;
  int64_t count;
} batch_t;

void batch_add(batch_t *batch, store_job_t *job);

typedef struct batch_result {
  error_code_t error; /* of the transaction as a whole; then it is every job's outcome */
  bool split;         /* it was run again, each job in a savepoint */
} batch_result_t;

/* Runs all and commits; sets every job's outcome. What each job changed is durable when its outcome is
 * ERR_NONE, and undone otherwise. */
batch_result_t batch_run(batch_t *batch, database_t *database);
/* Calls every done. The jobs' memory may be gone afterwards. */
void batch_answer(batch_t *batch);

#endif
