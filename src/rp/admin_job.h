/* What the operators' changes have in common: an account found by its name, a job on it, an audit event. */
#ifndef SEKISHO_RP_ADMIN_JOB_H
#define SEKISHO_RP_ADMIN_JOB_H

#include "base/json.h"
#include "rp/audit_note.h"
#include "rp/session_end.h"
#include "rp/ticket.h"

typedef struct admin_job admin_job_t;
struct admin_job {
  rp_job_t job;
  /* In the job, with the account as it is then. */
  error_code_t (*change)(database_t *database, admin_job_t *job);
  const char *event;
  bool may_make;      /* an account that is not there is made of new_user */
  rp_user_t new_user; /* its username_key finds the account */
  arena_t *arena;     /* the request's: nobody else uses it meanwhile */
  rp_user_t user;     /* found or made */
  bytes_t id;         /* of a credential or session */
  rp_ticket_kind_t ticket_kind;
  new_ticket_t ticket;
  int64_t ticket_expires_ms;
  json_t *claims_set, *claims_clear; /* of a change of claims: the request's body */
  session_end_t end;
  audit_note_t note;
};

/* From {name}; the name is in its canonical form afterwards. */
MUST_USE error_code_t admin_job_begin(const exchange_t *exchange, bytes_t typed_name, admin_job_t **ret_job);
/* Runs change in a job with the audit event, then `then`. */
void admin_job_submit(const exchange_t *exchange, admin_job_t *job, http_handler_t *then);
/* {"status":"ok","errorMessage":""}, or why not. */
http_handler_t admin_job_answer_ok;

/* The account of {name} for reading; in the arena. */
MUST_USE error_code_t admin_find_user(const exchange_t *exchange, database_t *database, rp_user_t *ret_user);

#endif
