/* Several jobs in one transaction.
 *
 * Jobs first run without savepoints: those cost a copy of every page that a job touches. Nearly every job
 * that fails has changed nothing yet (a statement that violates a key undoes itself), and then nothing needs
 * to be undone. A job that fails after a change makes the transaction start again with a savepoint around
 * each job, so one batch costs at most twice (docs/adr/0005-store.md has the figures). */
#include "store/batch.h"

#include "base/failpoint.h"

#define RETRIES 2

typedef enum pass { PASS_DONE, PASS_BROKEN, PASS_SPLIT } pass_t;

void batch_add(batch_t *batch, store_job_t *job)
{
  job->next = NULL;
  if (batch->last != NULL)
    batch->last->next = job;
  else
    batch->first = job;
  batch->last = job;
  batch->count++;
}

static error_code_t run_statement(database_t *database, const char *sql)
{
  return statement_run(database_statement(database, sql), NULL);
}

static void job_apply(store_job_t *job, database_t *database)
{
  job->outcome = job->apply(database, job);
  connection_end_statements(database);
}

static pass_t job_apply_bare(store_job_t *job, database_t *database)
{
  int64_t before = connection_changes(database);
  job_apply(job, database);
  transaction_state_t state = connection_state(database);
  if (state >= TRANSACTION_BROKEN)
    return PASS_BROKEN;
  bool halfway = job->outcome != ERR_NONE && connection_changes(database) != before;
  return halfway || state == TRANSACTION_ABORTED ? PASS_SPLIT : PASS_DONE;
}

/* A job must not succeed over a statement that failed: what it did is undone with it. */
static void job_note_aborted(store_job_t *job, const database_t *database)
{
  if (job->outcome == ERR_NONE && connection_state(database) == TRANSACTION_ABORTED)
    job->outcome = ERR_STORE_FAILED;
}

static bool is_broken(const database_t *database)
{
  return connection_state(database) >= TRANSACTION_BROKEN;
}

static pass_t job_apply_in_savepoint(store_job_t *job, database_t *database)
{
  error_code_t error = run_statement(database, "SAVEPOINT job");
  if (error == ERR_NONE)
    job_apply(job, database);
  job_note_aborted(job, database);
  if (error == ERR_NONE && job->outcome != ERR_NONE && !is_broken(database))
    error = run_statement(database, "ROLLBACK TO job");
  if (error == ERR_NONE && !is_broken(database))
    error = run_statement(database, "RELEASE job");
  return error != ERR_NONE || is_broken(database) ? PASS_BROKEN : PASS_DONE;
}

static pass_t batch_apply_once(batch_t *batch, database_t *database,
                               pass_t (*apply)(store_job_t *job, database_t *database))
{
  if (connection_begin(database) != ERR_NONE)
    return PASS_BROKEN;
  for (store_job_t *job = batch->first; job != NULL; job = job->next) {
    pass_t pass = apply(job, database);
    if (pass != PASS_DONE) {
      connection_rollback(database);
      return pass;
    }
  }
  return PASS_DONE;
}

/* A server that went away before the commit was asked for, or chose this transaction to end a deadlock, has
 * kept nothing of it. */
static pass_t batch_apply(batch_t *batch, database_t *database,
                          pass_t (*apply)(store_job_t *job, database_t *database))
{
  pass_t pass = batch_apply_once(batch, database, apply);
  for (int retry = 0; retry < RETRIES && pass == PASS_BROKEN; retry++) {
    if (connection_state(database) != TRANSACTION_LOST)
      break;
    pass = batch_apply_once(batch, database, apply);
  }
  return pass;
}

static error_code_t batch_commit(database_t *database)
{
  if (failpoint_hit("store.before_commit")) {
    connection_rollback(database);
    return ERR_STORE_FAILED;
  }
  error_code_t error = connection_commit(database);
  /* An error here is the answer that gets lost: durable, but told as failed. */
  if (error == ERR_NONE && failpoint_hit("store.after_commit"))
    return ERR_STORE_FAILED;
  return error;
}

batch_result_t batch_run(batch_t *batch, database_t *database)
{
  batch_result_t result = {ERR_NONE, false};
  pass_t pass = batch_apply(batch, database, job_apply_bare);
  if (pass == PASS_SPLIT) {
    result.split = true;
    connection_set_careful(database, true);
    pass = batch_apply(batch, database, job_apply_in_savepoint);
    connection_set_careful(database, false);
  }
  result.error = pass == PASS_DONE ? batch_commit(database) : ERR_STORE_FAILED;
  if (result.error != ERR_NONE) {
    result.error = ERR_STORE_FAILED;
    for (store_job_t *job = batch->first; job != NULL; job = job->next)
      job->outcome = ERR_STORE_FAILED;
  }
  return result;
}

void batch_answer(batch_t *batch)
{
  store_job_t *job = batch->first;
  *batch = (batch_t){NULL, NULL, 0};
  while (job != NULL) {
    store_job_t *next = job->next; /* done may free the job */
    job->next = NULL;
    job->done(job);
    job = next;
  }
}
