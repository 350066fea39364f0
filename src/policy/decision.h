/* The heart: a pure function of (requirement, evidence, now). Used by both processes, explained by
 * `sekisho policy explain`. Monotone: more evidence never hurts, waiting never helps (tests/property). */
#ifndef SEKISHO_POLICY_DECISION_H
#define SEKISHO_POLICY_DECISION_H

#include "base/arena.h"
#include "policy/requirement.h"

typedef enum verdict { VERDICT_SATISFIED, VERDICT_STEP_UP, VERDICT_DENIED } verdict_t;

/* Why the nearest evidence fell short; the step-up page and error_description say it in words. */
typedef enum shortfall {
  SHORTFALL_NONE,
  SHORTFALL_NO_EVIDENCE,   /* nobody has signed in, or nothing reaches even the weakest level */
  SHORTFALL_AUTHENTICATOR, /* a model that this domain does not take */
  SHORTFALL_LEVEL,
  SHORTFALL_AGE,
  SHORTFALL_DOMAIN,   /* given for another domain */
  SHORTFALL_VERIFIED, /* not verified by the domain's own authority */
  SHORTFALL_REQUEST,  /* must be given for this very request */
} shortfall_t;

const char *verdict_name(verdict_t verdict);       /* "satisfied", "step_up", "denied" */
const char *shortfall_name(shortfall_t shortfall); /* "none", "no_evidence", "level", "age", … */

typedef struct policy_context {
  const level_table_t *levels;
  domain_id_t domain;  /* who judges; empty for the rp's own account pages */
  uint8_t request[16]; /* the request at hand; zero when none */
  int64_t now_ms;
  const authenticator_rule_t *authenticators; /* whose evidence the domain takes; NULL: anybody's */
  const char *domain_name;                    /* what people call the domain, for the words; NULL: its id */
} policy_context_t;

/* Boundaries: an age equal to max_age is still fresh, so satisfied_until_ms is time + max_age + 1 ms.
 * Evidence counts when user presence was checked, the domain takes its authenticator, it holds at least the
 * weakest level, and its time is after 1970 and not further ahead of now than POLICY_SKEW_MS. DENIED only
 * where no authentication could help: a level that the table lacks, a negative max_age, or domain evidence
 * where no domain judges. */
typedef struct decision {
  verdict_t verdict;
  /* when satisfied: first instant at which it no longer is; INT64_MAX for never */
  int64_t satisfied_until_ms;
  shortfall_t shortfall;
  const evidence_t *basis; /* the evidence that satisfies longest, or came nearest; NULL when there is none */
  int64_t age_ms;          /* of the basis */
} decision_t;

/* Clock skew between hosts: evidence from the future by at most this counts as from now, beyond it not at
 * all. */
#define POLICY_SKEW_MS ((int64_t)60 * 1000)

/* basis points into evidence. */
decision_t policy_decide(const policy_context_t *context, requirement_t requirement,
                         const evidence_set_t *evidence);

/* The one real pair of a session: highest level held by any evidence at all, and when it was last earned. */
typedef struct standing {
  int level; /* -1: none */
  int64_t time_ms;
  const evidence_t *basis;
} standing_t;
standing_t policy_standing(const policy_context_t *context, const evidence_set_t *evidence);

/* amr values (RFC 8176) of one evidence: "pop"; "swk" when the key can be synced, "hwk" when it is attested
 * hardware and cannot; "user"; "mfa" with UV. None without user presence. */
#define AMR_MAX 4
size_t policy_amr(const evidence_t *evidence, const char *ret_values[AMR_MAX]);

/* The newest time per level and kind, as the access token's `levels` claim carries it and /check judges it.
 */
typedef struct level_times {
  int64_t time_ms[LEVEL_MAX][3]; /* [level][evidence_kind_t]; 0: never */
} level_times_t;
level_times_t policy_level_times(const policy_context_t *context, const evidence_set_t *evidence);
/* The same decision from level times alone, without a basis (this_request is never satisfied by a token). */
decision_t policy_decide_times(const policy_context_t *context, requirement_t requirement,
                               const level_times_t *times);

/* One or two sentences for people: "pay asks for a passkey confirmed with fingerprint, face or PIN within the
 * last 5 min; yours was used 12 min ago." language: "ja", or English for anything else. The English text is
 * ASCII without quotes or backslashes, so that it may stand in an error_description (RFC 6750 §3). NULL when
 * out of memory. */
char *policy_explain(arena_t *arena, const policy_context_t *context, requirement_t requirement,
                     const decision_t *decision, const char *language);

#endif
