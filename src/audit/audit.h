/* The audit log: who did what to whom, appended in the transaction of the change, chained by hashes.
 *
 * Each row's hash covers the one before it, so a row that was changed, removed or put in between is found by
 * audit_verify. A row cut off at the end is found only against a head that was kept elsewhere: the processes
 * log it. The table is schema/shared/0002-audit.sql; nothing in it is secret. */
#ifndef SEKISHO_AUDIT_AUDIT_H
#define SEKISHO_AUDIT_AUDIT_H

#include "crypto/hash.h"
#include "store/database.h"

/* All but event may be BYTES_NONE; all are valid UTF-8 (ERR_MALFORMED otherwise). */
typedef struct audit_event {
  int64_t time_ms;
  const char *event; /* a name of docs, "session.opened" */
  bytes_t actor;     /* who did it: a user's ref, a client, "operator" */
  bytes_t subject;   /* what it was done to */
  bytes_t request;   /* the request id that the log lines carry */
  bytes_t detail;    /* a JSON object, without secrets */
} audit_event_t;

/* Inside a job of a store. The job's failure takes the row with it. */
MUST_USE error_code_t audit_append(database_t *database, const audit_event_t *event);

/* The newest row; seq 0 and a zero hash in an empty log. */
typedef struct audit_head {
  int64_t seq;
  sha256_t hash;
} audit_head_t;

MUST_USE error_code_t audit_read_head(database_t *database, audit_head_t *ret_head);

typedef struct audit_report {
  audit_head_t head;  /* the last row that fits */
  int64_t broken_seq; /* the first row that does not fit or is missing; 0: the chain is whole */
} audit_report_t;

/* Walks the chain. kept (may be NULL) is a head noted before: its row must still be there, unchanged.
 * ERR_NONE when the log could be read, whatever the report says. */
MUST_USE error_code_t audit_verify(database_t *database, const audit_head_t *kept,
                                   audit_report_t *ret_report);

typedef struct audit_row {
  int64_t seq;
  int64_t time_ms;
  bytes_t event;
  bytes_t actor;
  bytes_t subject;
  bytes_t request;
  bytes_t detail;
} audit_row_t;

/* Newest first, at most limit rows with seq < before (0: from the newest); subject BYTES_NONE: all. In the
 * arena. */
MUST_USE error_code_t audit_list(database_t *database, bytes_t subject, int64_t before, size_t limit,
                                 arena_t *arena, audit_row_t **ret_rows, size_t *ret_count);

#endif
