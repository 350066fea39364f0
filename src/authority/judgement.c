#include "authority/judgement.h"

#include <string.h>

#include "crypto/hash.h"

/* --- evidence and its bytes --- */

#define FLAGS_AT 32 /* authenticator data: RP ID hash, then flags (WebAuthn L3 §6.1) */
#define AUTHENTICATOR_DATA_MIN 37

static bool flags_agree(const evidence_t *fact, bytes_t data)
{
  if (data.len == 0)
    return true; /* no longer kept */
  if (data.len < AUTHENTICATOR_DATA_MIN)
    return false;
  uint8_t flags = data.data[FLAGS_AT];
  /* the rp may make less of a verification than the authenticator, never more */
  return fact->user_present == ((flags & 0x01) != 0) && (!fact->user_verified || (flags & 0x04) != 0) &&
         fact->backup_eligible == ((flags & 0x08) != 0) && fact->backed_up == ((flags & 0x10) != 0);
}

static bool credential_agrees(const evidence_t *fact, bytes_t credential_id)
{
  sha256_t hash;
  if (credential_id.len == 0)
    return true;
  return hash_sha256(credential_id, &hash) == ERR_NONE &&
         bytes_equal(hash_bytes(&hash), bytes_of(fact->credential, sizeof fact->credential));
}

void judgement_evidence(const handoff_session_t *session, evidence_set_t *ret_evidence, size_t *ret_dropped)
{
  ret_evidence->count = 0;
  *ret_dropped = 0;
  for (size_t i = 0; i < session->evidence_count && i < EVIDENCE_MAX; i++) {
    const handoff_evidence_t *piece = &session->evidence[i];
    if (!flags_agree(&piece->fact, piece->authenticator_data) ||
        !credential_agrees(&piece->fact, piece->credential_id)) {
      ++*ret_dropped;
      continue;
    }
    evidence_t *item = &ret_evidence->items[ret_evidence->count++];
    *item = piece->fact;
    item->verified_by_domain = false; /* only this process knows: verified_evidence.h */
  }
}

/* --- the decision --- */

static bool holds(const policy_context_t *context, requirement_t requirement, const evidence_set_t *evidence)
{
  return policy_decide(context, requirement, evidence).verdict == VERDICT_SATISFIED;
}

static requirement_t with_level(requirement_t requirement, int level)
{
  return requirement_join(requirement, (requirement_t){.level = level, .max_age_ms = MAX_AGE_NONE});
}

static judgement_t granted(requirement_t requirement)
{
  return (judgement_t){.verdict = JUDGEMENT_GRANT, .requirement = requirement};
}

static judgement_t refused(error_code_t error)
{
  return (judgement_t){.verdict = JUDGEMENT_REFUSE, .error = error};
}

bool judgement_has_tried(const policy_context_t *of_request, const evidence_set_t *evidence)
{
  policy_context_t any_authenticator = *of_request, *context = &any_authenticator;
  context->authenticators = NULL;
  requirement_t now = {.level = 0, .max_age_ms = MAX_AGE_NONE, .this_request = true};
  return holds(context, now, evidence);
}

/* prompt=none: OpenID Connect Core §3.1.2.6. */
static error_code_t silent_error(bool session, shortfall_t shortfall)
{
  bool login = !session || shortfall == SHORTFALL_NO_EVIDENCE || shortfall == SHORTFALL_AGE ||
               shortfall == SHORTFALL_REQUEST;
  return login ? ERR_LOGIN_REQUIRED : ERR_INTERACTION_REQUIRED;
}

static judgement_t missing(const policy_context_t *context, const authorization_request_t *request,
                           bool session, const evidence_set_t *evidence, requirement_t requirement)
{
  decision_t decision = policy_decide(context, requirement, evidence);
  if (decision.verdict == VERDICT_DENIED)
    return refused(ERR_UNMET_ACR);
  /* An authenticator that the domain does not take stays one: do not send the person round in circles. */
  bool in_vain = decision.shortfall == SHORTFALL_AUTHENTICATOR;
  if (in_vain && judgement_has_tried(context, evidence))
    return refused(ERR_UNMET_ACR);
  if (request->prompt_none)
    return refused(silent_error(session, decision.shortfall));
  return (judgement_t){.verdict = JUDGEMENT_AUTHENTICATE,
                       .requirement = requirement,
                       .authenticator_refused = decision.shortfall == SHORTFALL_AUTHENTICATOR};
}

/* None of the levels asked for is held. */
static judgement_t levels_missed(const policy_context_t *context, const authorization_request_t *request,
                                 bool session, const evidence_set_t *evidence)
{
  if (request->acr_count == 0)
    return refused(ERR_UNMET_ACR); /* essential, and all unknown: nothing could reach them */
  if (judgement_has_tried(context, evidence) && holds(context, request->wanted, evidence))
    return request->acr_essential ? refused(ERR_UNMET_ACR) : granted(request->wanted);
  return missing(context, request, session, evidence, with_level(request->wanted, request->acr_values[0]));
}

judgement_t judgement_decide(const policy_context_t *context, const authorization_request_t *request,
                             bool session, const evidence_set_t *evidence)
{
  if (request->acr_count == 0 && !request->acr_essential) {
    if (session && holds(context, request->wanted, evidence))
      return granted(request->wanted);
    return missing(context, request, session, evidence, request->wanted);
  }
  for (size_t i = 0; session && i < request->acr_count; i++) {
    requirement_t requirement = with_level(request->wanted, request->acr_values[i]);
    if (holds(context, requirement, evidence))
      return granted(requirement);
  }
  return levels_missed(context, request, session, evidence);
}
