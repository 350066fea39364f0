#include "rp/claims.h"

#include "handoff/account_claims.h"

typedef struct gathering {
  json_t *claims;
  bool complete;
} gathering_t;

/* A name that this version does not know was kept by a later one, and stays where it is. */
static void gather(void *context, bytes_t name, bytes_t value)
{
  gathering_t *gathering = context;
  const account_claim_t *claim = account_claim_find(name);
  if (claim != NULL && account_claim_accepts(claim, value))
    gathering->complete = account_claim_put(gathering->claims, claim, value) && gathering->complete;
}

error_code_t claims_text(database_t *database, arena_t *arena, rp_user_id_t user, bytes_t scopes,
                         bytes_t *ret_text)
{
  CLEANUP(json_drop) json_t *all = json_object();
  gathering_t gathering = {.claims = all, .complete = all != NULL};
  error_code_t error = rp_claims_each(database, user, gather, &gathering);
  if (error != ERR_NONE)
    return error;
  CLEANUP(json_drop) json_t *selected = account_claims_select(all, scopes);
  bool printed = gathering.complete && selected != NULL && json_print(arena, selected, ret_text) != NULL;
  return printed ? ERR_NONE : ERR_NO_MEMORY;
}
