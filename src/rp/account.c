#include "rp/account.h"

requirement_t account_requirement(const exchange_t *exchange, const rp_credential_t *credentials,
                                  size_t count)
{
  requirement_t requirement = {.level = 0, .max_age_ms = ACCOUNT_FRESHNESS_MS, .kind = EVIDENCE_ANY};
  for (size_t i = 0; i < count; i++) {
    const evidence_t best = {.user_present = true,
                             .user_verified = credentials[i].uv_initialized,
                             .backup_eligible = credentials[i].backup_eligible,
                             .attested_hardware = credentials[i].hardware,
                             .authenticator = credentials[i].authenticator};
    int level = level_of(&exchange->config->levels, &best);
    if (level > requirement.level)
      requirement.level = level;
  }
  return requirement;
}

static error_code_t list_credentials(const exchange_t *exchange, rp_user_id_t user,
                                     rp_credential_t **ret_items, size_t *ret_count)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  return rp_credential_list(read.database, exchange->arena, user, ret_items, ret_count);
}

error_code_t account_check_fresh(const exchange_t *exchange, const session_t *session,
                                 requirement_t *ret_requirement)
{
  rp_credential_t *credentials;
  size_t count;
  error_code_t error = list_credentials(exchange, session->owner.session.user, &credentials, &count);
  if (error != ERR_NONE)
    return error;
  *ret_requirement = account_requirement(exchange, credentials, count);
  decision_t decision = session_decide(exchange, session, *ret_requirement);
  return decision.verdict == VERDICT_SATISFIED ? ERR_NONE : ERR_STEP_UP;
}

error_code_t account_trusts_verification(const exchange_t *exchange, const session_t *session,
                                         const rp_credential_t *credential, bool *ret_trusts)
{
  *ret_trusts = true;
  if (credential->uv_initialized)
    return ERR_NONE;
  rp_credential_t *credentials;
  size_t count;
  error_code_t error = list_credentials(exchange, credential->user, &credentials, &count);
  if (error != ERR_NONE)
    return error;
  bool others_verify = false;
  for (size_t i = 0; i < count; i++)
    others_verify = others_verify || credentials[i].uv_initialized;
  bool own_session = session != NULL && session->owner.session.user.row == credential->user.row;
  *ret_trusts =
      !others_verify ||
      (own_session &&
       session_decide(exchange, session, account_requirement(exchange, credentials, count)).verdict ==
           VERDICT_SATISFIED);
  return ERR_NONE;
}
