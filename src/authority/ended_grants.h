/* The grants that a job ends, for the revocation set: noted while the job runs, revoked once it is durable.
 */
#ifndef SEKISHO_AUTHORITY_ENDED_GRANTS_H
#define SEKISHO_AUTHORITY_ENDED_GRANTS_H

#include "authority/revocations.h"
#include "store/authority_grants.h"

typedef struct ended_grants {
  arena_t *arena;
  struct ended_grant *first;
  bool out_of_memory;
} ended_grants_t;

/* At the start of the job, which may run more than once. */
void ended_grants_begin(ended_grants_t *ended, arena_t *arena);
/* A grant_revoked_t; context is the ended_grants_t. */
void ended_grants_note(void *context, grant_ref_t ref, int64_t until_ms);
/* What error becomes when one could not be noted. */
error_code_t ended_grants_check(const ended_grants_t *ended, error_code_t error);
void ended_grants_revoke(const ended_grants_t *ended, revocations_t *revocations);

#endif
