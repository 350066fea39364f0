/* What becomes of an authorization request: authz_begin and authz_finish of the hand-off, after parsing.
 *
 * Each is at most one store job. A request that the session satisfies gets its code at once and is never
 * stored; one that waits for a person is stored, and ends once, with one code or one error. */
#ifndef SEKISHO_AUTHORITY_AUTHORIZATION_H
#define SEKISHO_AUTHORITY_AUTHORIZATION_H

#include "authority/authorization_request.h"
#include "authority/durable.h"
#include "authority/verified_evidence.h"
#include "handoff/handoff.h"
#include "store/authority_claims.h"
#include "store/authority_requests.h"
#include "store/authority_transactions.h"

/* In the request's arena from first to last. */
typedef struct authorization {
  durable_t durable;
  domain_t *domain;
  arena_t *arena;
  const char *request_id; /* for the audit log */
  int64_t now_ms;
  authorization_target_t target; /* without its client once a job runs */
  authorization_request_t request;
  const handoff_session_t *session; /* NULL: nobody is signed in */
  handoff_answer_t answer;          /* complete, but for what the job's row id gives */
  error_code_t refusal;             /* what the answer refuses, for the log; ERR_NONE otherwise */
  error_code_t (*apply)(database_t *database, store_job_t *job); /* NULL: nothing to store */
  /* of a stored request: its row, and what is kept of it */
  int64_t row;
  stored_request_t stored;
  bool was_stored;
  bool native;                  /* it came from an application itself, not from a browser */
  bool consented;               /* the person said so, for this request */
  bool asks_consent;            /* the application gets nothing without the person's word */
  bytes_t consent_scope;        /* to be kept with the code; empty: nothing new */
  transaction_t transaction;    /* what was approved for this request; its id is empty: nothing */
  verified_evidence_t verified; /* what this domain verified itself, of what was brought */
  own_page_touch_t touch;       /* on the domain's own page */
  /* of a code */
  grant_t grant;
  grant_claims_t claims; /* of the account; no scopes: none were asked for */
  code_terms_t code;
  int64_t code_row;
  secret_key_t secret;
} authorization_t;

/* Judge; on ERR_NONE either the answer is complete (apply NULL), or apply must be run as a store job and
 * authorization_complete called after it. now_ms, domain, arena and request_id are set by the caller. */
MUST_USE error_code_t authorization_begin(authorization_t *authorization, const handoff_begin_t *message);
MUST_USE error_code_t authorization_finish(authorization_t *authorization, const handoff_finish_t *message);
/* The job's outcome is in durable.job.outcome; completes the answer, or says why there is none. */
MUST_USE error_code_t authorization_complete(authorization_t *authorization);

#endif
