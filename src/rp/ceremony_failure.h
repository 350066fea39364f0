/* A ceremony that fails once its challenge was found good: the challenge is spent, the failure recorded, in
 * one transaction, and only then the answer given. */
#ifndef SEKISHO_RP_CEREMONY_FAILURE_H
#define SEKISHO_RP_CEREMONY_FAILURE_H

#include "rp/ceremony.h"

typedef struct ceremony_failure {
  error_code_t reason; /* for log and audit */
  error_code_t answer; /* for the caller: it may say less */
  const char *event;   /* "login.refused", "registration.refused" */
  const char *step;    /* of the standard's ceremony; NULL: none */
  const char *detail;  /* for operators; NULL: none */
  const char *finding; /* a further event for the audit log; NULL: none */
  bytes_t finding_detail;
  const uint8_t *actor; /* handle of the account at which it aimed; NULL: not known */
} ceremony_failure_t;

/* Waits for the store, then answers. */
void ceremony_fail(const exchange_t *exchange, const challenge_t *challenge,
                   const ceremony_failure_t *failure);
/* A body that cannot be read as a result. Where it names a live ceremony of this browser all the same, it was
 * that ceremony's try: the challenge is spent before the answer. */
void ceremony_refuse_unread(const exchange_t *exchange, error_code_t reason, const char *event);
/* One line for operators. */
void ceremony_failure_log(const exchange_t *exchange, const ceremony_failure_t *failure);

#endif
