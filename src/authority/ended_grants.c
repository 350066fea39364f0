#include "authority/ended_grants.h"

typedef struct ended_grant {
  struct ended_grant *next;
  grant_ref_t ref;
  int64_t until_ms;
} ended_grant_t;

void ended_grants_begin(ended_grants_t *ended, arena_t *arena)
{
  *ended = (ended_grants_t){.arena = arena};
}

void ended_grants_note(void *context, grant_ref_t ref, int64_t until_ms)
{
  ended_grants_t *ended = context;
  ended_grant_t *grant = arena_alloc(ended->arena, sizeof *grant);
  if (grant == NULL) {
    ended->out_of_memory = true;
    return;
  }
  *grant = (ended_grant_t){ended->first, ref, until_ms};
  ended->first = grant;
}

error_code_t ended_grants_check(const ended_grants_t *ended, error_code_t error)
{
  return error == ERR_NONE && ended->out_of_memory ? ERR_NO_MEMORY : error;
}

void ended_grants_revoke(const ended_grants_t *ended, revocations_t *revocations)
{
  for (const ended_grant_t *grant = ended->first; grant != NULL; grant = grant->next)
    revocations_add(revocations, grant->ref, grant->until_ms);
}
