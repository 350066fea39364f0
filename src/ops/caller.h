/* Calls to addresses outside, by a process that can still start programs: each call is a sekisho-call of its
 * own, which parses what strangers answer, and ends with it. The server itself opens no connection outwards,
 * and a fault in a library of TLS or HTTP is that of a process which holds nothing.
 *
 * Calls are made by a few threads, those that somebody waits for first. */
#ifndef SEKISHO_OPS_CALLER_H
#define SEKISHO_OPS_CALLER_H

#include <stdbool.h>

#include "base/arena.h"

#define CALL_ANSWER_MAX ((size_t)256 * 1024)
#define CALL_TIMEOUT_MAX_S 30
#define CALLER_THREADS 4
#define CALLER_BACKGROUND_MAX 2 /* of the threads that calls nobody waits for may hold */

typedef struct caller caller_t;

typedef struct call call_t;
/* First member of the asker's own struct, which lives until done. */
struct call {
  const char *address; /* http or https, as the configuration has checked it */
  bytes_t form;        /* POST as application/x-www-form-urlencoded; empty: GET */
  size_t answer_max;   /* bytes of the answer that are kept: a longer one is a failure */
  int timeout_s;
  bool background;            /* nobody waits for it: others go first, and always have threads left */
  void (*done)(call_t *call); /* on a thread of the caller's, or on the submitter's when it is refused */
  /* what came of it */
  bool unmade;        /* it was not made, or not to its end, by us: the queue is full, or we stop */
  int status;         /* of HTTP; 0: nothing was answered, and reason says why */
  bytes_t answer;     /* lives as long as done runs */
  int64_t max_age_ms; /* of its Cache-Control; below 0: it says nothing */
  char reason[160];
  call_t *next; /* the queue's */
};

/* Before the sandbox and before any thread. */
MUST_USE error_code_t caller_start(caller_t **ret_caller);
/* Never blocks. */
void caller_submit(caller_t *caller, call_t *call);
/* What is queued or under way fails, as does what is submitted later; when this returns, every done has been
 * called. NULL is fine. */
void caller_stop(caller_t *caller);
/* Stops it, too. */
void caller_free(caller_t *caller);

/* The line between the two programs: a head, then address and form; an outcome, then answer or reason. */
typedef struct call_head {
  uint32_t address_len, form_len, answer_max, timeout_s;
} call_head_t;
typedef struct call_outcome {
  int32_t status;
  uint32_t len;
  int64_t max_age_ms;
} call_outcome_t;
#define CALL_ADDRESS_MAX 2048
#define CALL_FORM_MAX (64 * 1024)

/* Moves all of it, waiting until deadline_ms on the monotonic clock; false at the end or then. */
bool call_write(int fd, const void *data, size_t len, int64_t deadline_ms);
bool call_read(int fd, void *data, size_t len, int64_t deadline_ms);

#endif
