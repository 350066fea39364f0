#include "cli/verify_log.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/line_reader.h"
#include "cli/verify_case.h"

#define BATCH_LINES 1024
#define BATCH_BYTES ((size_t)64 * 1024) /* full with this much; its last line may be longer */
#define CASE_ARENA_FIRST ((size_t)16 * 1024)
#define CASE_ARENA_LIMIT ((size_t)8 * 1024 * 1024)

/* What all workers share. Each takes batches of lines in turn, and writes their answers when all earlier ones
 * are written. */
typedef struct run {
  int64_t time_ms;
  pthread_mutex_t input; /* of the two below */
  line_reader_t *reader;
  uint64_t batches_read;
  pthread_mutex_t output; /* of those below, and standard output */
  pthread_cond_t written;
  uint64_t batches_written;
  int failure; /* errno; 0: none yet */
} run_t;

typedef struct batch_line {
  line_status_t status;
  size_t from, len;
} batch_line_t;

typedef struct batch {
  uint64_t number;
  size_t count;
  batch_line_t lines[BATCH_LINES];
  size_t used;
  uint8_t memory[BATCH_BYTES + VERIFY_LINE_MAX];
} batch_t;

static void fail(run_t *run, int reason)
{
  pthread_mutex_lock(&run->output);
  if (run->failure == 0)
    run->failure = reason;
  pthread_cond_broadcast(&run->written);
  pthread_mutex_unlock(&run->output);
}

static bool has_failed(run_t *run)
{
  pthread_mutex_lock(&run->output);
  bool failed = run->failure != 0;
  pthread_mutex_unlock(&run->output);
  return failed;
}

static void batch_add(batch_t *batch, line_status_t status, bytes_t line)
{
  batch->lines[batch->count++] = (batch_line_t){status, batch->used, line.len};
  if (line.len > 0)
    memcpy(batch->memory + batch->used, line.data, line.len);
  batch->used += line.len;
}

/* What input there is, up to a batch; waits for the first line only, so that answers do not wait for more. */
static void batch_fill(run_t *run, batch_t *batch)
{
  batch->count = batch->used = 0;
  do {
    bytes_t line = BYTES_NONE;
    line_status_t status = line_reader_next(run->reader, &line);
    if (status == LINE_FAILED)
      fail(run, errno);
    if (status == LINE_FAILED || status == LINE_END)
      return;
    batch_add(batch, status, line);
  } while (batch->used < BATCH_BYTES && batch->count < BATCH_LINES && !line_reader_would_wait(run->reader));
}

/* False at the end of the input, or when there is no use in going on. */
static bool batch_read(run_t *run, batch_t *batch)
{
  pthread_mutex_lock(&run->input);
  batch->count = 0;
  if (!has_failed(run))
    batch_fill(run, batch);
  if (batch->count > 0)
    batch->number = run->batches_read++;
  pthread_mutex_unlock(&run->input);
  return batch->count > 0;
}

static bool line_answer(const run_t *run, const batch_t *batch, const batch_line_t *line, FILE *answers)
{
  arena_t *arena = arena_new(CASE_ARENA_FIRST, CASE_ARENA_LIMIT);
  if (arena == NULL)
    return false;
  bytes_t text = bytes_of(batch->memory + line->from, line->len);
  bytes_t answer =
      line->status == LINE_READ ? verify_case_run(arena, text, run->time_ms) : verify_case_too_long(arena);
  bool added = answer.len > 0 && fwrite(answer.data, answer.len, 1, answers) == 1;
  arena_free(arena);
  return added;
}

/* The answers as one text of malloc. */
static bool batch_answer(const run_t *run, const batch_t *batch, char **ret_text, size_t *ret_len)
{
  FILE *answers = open_memstream(ret_text, ret_len);
  bool fine = answers != NULL;
  for (size_t i = 0; fine && i < batch->count; i++)
    fine = line_answer(run, batch, &batch->lines[i], answers);
  return (answers == NULL || fclose(answers) == 0) && fine;
}

static bool batch_write(run_t *run, const batch_t *batch, const char *text, size_t len)
{
  pthread_mutex_lock(&run->output);
  while (run->failure == 0 && run->batches_written != batch->number)
    pthread_cond_wait(&run->written, &run->output);
  if (run->batches_written == batch->number) {
    if ((len > 0 && fwrite(text, len, 1, stdout) != 1) || fflush(stdout) != 0)
      run->failure = errno;
    run->batches_written++;
    pthread_cond_broadcast(&run->written);
  }
  bool fine = run->failure == 0;
  pthread_mutex_unlock(&run->output);
  return fine;
}

static void *work(void *argument)
{
  run_t *run = argument;
  batch_t *batch = malloc(sizeof *batch);
  if (batch == NULL)
    fail(run, ENOMEM);
  bool fine = batch != NULL;
  while (fine && batch_read(run, batch)) {
    char *text = NULL;
    size_t len = 0;
    fine = batch_answer(run, batch, &text, &len);
    bool written = batch_write(run, batch, text, len); /* what there is, in any case */
    free(text);
    if (!fine)
      fail(run, ENOMEM);
    fine = fine && written;
  }
  free(batch);
  return NULL;
}

/* The calling thread is one of the workers. Those that cannot be started are done without. */
static void work_with(run_t *run, int jobs)
{
  pthread_t threads[VERIFY_JOBS_MAX];
  int started = 0;
  while (started < jobs - 1 && pthread_create(&threads[started], NULL, work, run) == 0)
    started++;
  work(run);
  for (int i = 0; i < started; i++)
    pthread_join(threads[i], NULL);
}

int verify_log_run(int jobs, int64_t time_ms)
{
  CLEANUP(line_reader_drop) line_reader_t *reader = line_reader_new(STDIN_FILENO, VERIFY_LINE_MAX);
  if (reader == NULL)
    return ENOMEM;
  run_t run = {.time_ms = time_ms,
               .input = PTHREAD_MUTEX_INITIALIZER,
               .reader = reader,
               .output = PTHREAD_MUTEX_INITIALIZER,
               .written = PTHREAD_COND_INITIALIZER};
  work_with(&run, jobs);
  pthread_mutex_destroy(&run.input);
  pthread_mutex_destroy(&run.output);
  pthread_cond_destroy(&run.written);
  return run.failure;
}
