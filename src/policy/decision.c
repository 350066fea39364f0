#include "policy/decision.h"

#include <string.h>

/* What a requirement asks, row by row. Evidence that passes more rows came nearer; the row it stops at is its
 * shortfall. */
typedef struct assessment {
  const evidence_t *evidence;
  size_t passed; /* rows of checks[] */
  int level;
} assessment_t;

typedef struct check {
  shortfall_t shortfall;
  bool (*holds)(const policy_context_t *context, const requirement_t *requirement,
                const assessment_t *assessment);
} check_t;

static const char *const verdict_names[] = {
    [VERDICT_SATISFIED] = "satisfied",
    [VERDICT_STEP_UP] = "step_up",
    [VERDICT_DENIED] = "denied",
};

static const char *const shortfall_names[] = {
    [SHORTFALL_NONE] = "none",
    [SHORTFALL_NO_EVIDENCE] = "no_evidence",
    [SHORTFALL_AUTHENTICATOR] = "authenticator",
    [SHORTFALL_LEVEL] = "level",
    [SHORTFALL_AGE] = "age",
    [SHORTFALL_DOMAIN] = "domain",
    [SHORTFALL_VERIFIED] = "verified",
    [SHORTFALL_REQUEST] = "request",
};

const char *verdict_name(verdict_t verdict)
{
  return (size_t)verdict < sizeof verdict_names / sizeof verdict_names[0] ? verdict_names[verdict]
                                                                          : "unknown";
}

const char *shortfall_name(shortfall_t shortfall)
{
  return (size_t)shortfall < sizeof shortfall_names / sizeof shortfall_names[0] ? shortfall_names[shortfall]
                                                                                : "unknown";
}

static int64_t saturating_add(int64_t a, int64_t b)
{
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    return b > 0 ? INT64_MAX : INT64_MIN;
  return sum;
}

/* time_ms > 0. Evidence from the near future counts as from now. */
static int64_t age_of(int64_t now_ms, int64_t time_ms)
{
  return time_ms >= now_ms ? 0 : now_ms - time_ms;
}

static int64_t end_of(int64_t time_ms, int64_t max_age_ms)
{
  return max_age_ms == MAX_AGE_NONE ? INT64_MAX : saturating_add(saturating_add(time_ms, max_age_ms), 1);
}

static bool time_counts(const policy_context_t *context, int64_t time_ms)
{
  return time_ms > 0 && time_ms <= saturating_add(context->now_ms, POLICY_SKEW_MS);
}

static bool names_domain(const policy_context_t *context, const evidence_t *evidence)
{
  switch (evidence->purpose) {
  case PURPOSE_LOGIN:
  case PURPOSE_ENROL:
  case PURPOSE_STEP_UP:
  case PURPOSE_TRANSACTION:
    return !domain_id_is_empty(&context->domain) && domain_id_equal(&evidence->domain, &context->domain);
  }
  return false;
}

static bool is_of_kind(const policy_context_t *context, const evidence_t *evidence, evidence_kind_t kind)
{
  switch (kind) {
  case EVIDENCE_ANY:
    return true;
  case EVIDENCE_DOMAIN:
    return names_domain(context, evidence);
  case EVIDENCE_VERIFIED:
    return names_domain(context, evidence) && evidence->verified_by_domain;
  }
  return false;
}

static bool takes_authenticator(const policy_context_t *context, const evidence_t *evidence)
{
  return context->authenticators == NULL ||
         authenticator_rule_judge(context->authenticators, &evidence->authenticator) == OBJECTION_NONE;
}

static bool holds_authenticator(const policy_context_t *context, const requirement_t *requirement,
                                const assessment_t *assessment)
{
  return takes_authenticator(context, assessment->evidence);
}

static bool holds_level(const policy_context_t *context, const requirement_t *requirement,
                        const assessment_t *assessment)
{
  return assessment->level >= requirement->level;
}

static bool holds_domain(const policy_context_t *context, const requirement_t *requirement,
                         const assessment_t *assessment)
{
  return requirement->kind == EVIDENCE_ANY || is_of_kind(context, assessment->evidence, EVIDENCE_DOMAIN);
}

static bool holds_verified(const policy_context_t *context, const requirement_t *requirement,
                           const assessment_t *assessment)
{
  return requirement->kind != EVIDENCE_VERIFIED ||
         is_of_kind(context, assessment->evidence, EVIDENCE_VERIFIED);
}

static bool holds_request(const policy_context_t *context, const requirement_t *requirement,
                          const assessment_t *assessment)
{
  static const uint8_t none[sizeof context->request];
  if (!requirement->this_request)
    return true;
  return memcmp(context->request, none, sizeof none) != 0 &&
         memcmp(context->request, assessment->evidence->request, sizeof none) == 0;
}

static bool holds_age(const policy_context_t *context, const requirement_t *requirement,
                      const assessment_t *assessment)
{
  return age_of(context->now_ms, assessment->evidence->time_ms) <= requirement->max_age_ms;
}

static const check_t checks[] = {
    {SHORTFALL_AUTHENTICATOR, holds_authenticator},
    {SHORTFALL_LEVEL, holds_level},
    {SHORTFALL_DOMAIN, holds_domain},
    {SHORTFALL_VERIFIED, holds_verified},
    {SHORTFALL_REQUEST, holds_request},
    {SHORTFALL_AGE, holds_age},
};
#define CHECK_COUNT (sizeof checks / sizeof checks[0])

/* False when the evidence counts for nothing: no presence, no level, or a time that cannot be. */
static bool assess(const policy_context_t *context, const requirement_t *requirement,
                   const evidence_t *evidence, assessment_t *ret_assessment)
{
  assessment_t assessment = {.evidence = evidence, .level = level_of(context->levels, evidence)};
  if (assessment.level < 0 || !time_counts(context, evidence->time_ms))
    return false;
  while (assessment.passed < CHECK_COUNT &&
         checks[assessment.passed].holds(context, requirement, &assessment))
    assessment.passed++;
  *ret_assessment = assessment;
  return true;
}

/* Nearer, or satisfying longer: max_age is the same for all, so the newest lasts longest. */
static bool is_better(const assessment_t *a, const assessment_t *b)
{
  if (a->passed != b->passed)
    return a->passed > b->passed;
  if (a->passed <= 1 && a->level != b->level)
    return a->level > b->level;
  if (a->evidence->time_ms != b->evidence->time_ms)
    return a->evidence->time_ms > b->evidence->time_ms;
  return a->level > b->level;
}

/* No authentication could help: SHORTFALL_NONE when one could. */
static shortfall_t unsatisfiable(const policy_context_t *context, const requirement_t *requirement)
{
  if (requirement->level < -1 || requirement->level >= (int)context->levels->count)
    return SHORTFALL_LEVEL;
  if (requirement->kind > EVIDENCE_VERIFIED)
    return SHORTFALL_VERIFIED;
  if (requirement->kind != EVIDENCE_ANY && domain_id_is_empty(&context->domain))
    return SHORTFALL_DOMAIN; /* the rp itself is no domain: nothing can name it */
  if (requirement->max_age_ms < 0)
    return SHORTFALL_AGE;
  return SHORTFALL_NONE;
}

decision_t policy_decide(const policy_context_t *context, requirement_t requirement,
                         const evidence_set_t *evidence)
{
  shortfall_t hopeless = unsatisfiable(context, &requirement);
  if (hopeless != SHORTFALL_NONE)
    return (decision_t){.verdict = VERDICT_DENIED, .shortfall = hopeless};
  assessment_t best = {0};
  for (size_t i = 0; i < evidence->count && i < EVIDENCE_MAX; i++) {
    assessment_t assessment;
    if (assess(context, &requirement, &evidence->items[i], &assessment) &&
        (best.evidence == NULL || is_better(&assessment, &best)))
      best = assessment;
  }
  decision_t decision = {
      .verdict = VERDICT_STEP_UP, .shortfall = SHORTFALL_NO_EVIDENCE, .basis = best.evidence};
  if (best.evidence != NULL) {
    decision.age_ms = age_of(context->now_ms, best.evidence->time_ms);
    decision.shortfall = best.passed < CHECK_COUNT ? checks[best.passed].shortfall : SHORTFALL_NONE;
  }
  if (decision.shortfall == SHORTFALL_NONE || requirement_is_none(requirement)) {
    decision.verdict = VERDICT_SATISFIED;
    decision.shortfall = SHORTFALL_NONE;
    decision.satisfied_until_ms =
        best.evidence != NULL ? end_of(best.evidence->time_ms, requirement.max_age_ms) : INT64_MAX;
  }
  return decision;
}

/* Whatever it is asked for. */
static bool counts(const policy_context_t *context, const evidence_t *evidence)
{
  return time_counts(context, evidence->time_ms) && takes_authenticator(context, evidence);
}

standing_t policy_standing(const policy_context_t *context, const evidence_set_t *evidence)
{
  standing_t standing = {.level = -1};
  for (size_t i = 0; i < evidence->count && i < EVIDENCE_MAX; i++) {
    const evidence_t *item = &evidence->items[i];
    int level = level_of(context->levels, item);
    if (level < 0 || !counts(context, item))
      continue;
    if (level > standing.level || (level == standing.level && item->time_ms > standing.time_ms))
      standing = (standing_t){.level = level, .time_ms = item->time_ms, .basis = item};
  }
  return standing;
}

size_t policy_amr(const evidence_t *evidence, const char *ret_values[AMR_MAX])
{
  size_t count = 0;
  if (!evidence->user_present)
    return count;
  ret_values[count++] = "pop";
  if (!evidence_is_device_bound(evidence))
    ret_values[count++] = "swk";
  else if (evidence->attested_hardware)
    ret_values[count++] = "hwk";
  ret_values[count++] = "user";
  if (evidence->user_verified)
    ret_values[count++] = "mfa";
  return count;
}

level_times_t policy_level_times(const policy_context_t *context, const evidence_set_t *evidence)
{
  level_times_t times = {{{0}}};
  for (size_t i = 0; i < evidence->count && i < EVIDENCE_MAX; i++) {
    const evidence_t *item = &evidence->items[i];
    if (!counts(context, item))
      continue;
    for (int level = level_of(context->levels, item); level >= 0; level--)
      for (evidence_kind_t kind = EVIDENCE_ANY; kind <= EVIDENCE_VERIFIED; kind++)
        if (is_of_kind(context, item, kind) && item->time_ms > times.time_ms[level][kind])
          times.time_ms[level][kind] = item->time_ms;
  }
  return times;
}

static int64_t time_if_counts(const policy_context_t *context, const level_times_t *times, int level,
                              evidence_kind_t kind)
{
  int64_t time_ms = times->time_ms[level][kind];
  return time_counts(context, time_ms) ? time_ms : 0;
}

/* The same rows as checks[], read from times; *ret_time_ms is that of the nearest evidence, 0 when none. */
static shortfall_t shortfall_of_times(const policy_context_t *context, const requirement_t *requirement,
                                      const level_times_t *times, int64_t *ret_time_ms)
{
  int level = requirement->level > 0 ? requirement->level : 0;
  static const shortfall_t by_kind[] = {SHORTFALL_LEVEL, SHORTFALL_DOMAIN, SHORTFALL_VERIFIED};
  *ret_time_ms = 0;
  for (evidence_kind_t kind = EVIDENCE_ANY; kind <= requirement->kind; kind++) {
    int64_t time_ms = time_if_counts(context, times, level, kind);
    if (time_ms == 0 && kind != EVIDENCE_ANY)
      return by_kind[kind];
    for (int weaker = level - 1; time_ms == 0 && weaker >= 0; weaker--) {
      *ret_time_ms = time_if_counts(context, times, weaker, EVIDENCE_ANY);
      if (*ret_time_ms != 0)
        return SHORTFALL_LEVEL;
    }
    if (time_ms == 0)
      return SHORTFALL_NO_EVIDENCE;
    *ret_time_ms = time_ms;
  }
  if (requirement->this_request)
    return SHORTFALL_REQUEST; /* a token was made for an earlier one */
  return age_of(context->now_ms, *ret_time_ms) <= requirement->max_age_ms ? SHORTFALL_NONE : SHORTFALL_AGE;
}

decision_t policy_decide_times(const policy_context_t *context, requirement_t requirement,
                               const level_times_t *times)
{
  shortfall_t hopeless = unsatisfiable(context, &requirement);
  if (hopeless != SHORTFALL_NONE)
    return (decision_t){.verdict = VERDICT_DENIED, .shortfall = hopeless};
  int64_t time_ms;
  decision_t decision = {.verdict = VERDICT_STEP_UP};
  decision.shortfall = shortfall_of_times(context, &requirement, times, &time_ms);
  if (time_ms != 0)
    decision.age_ms = age_of(context->now_ms, time_ms);
  if (decision.shortfall == SHORTFALL_NONE || requirement_is_none(requirement)) {
    decision.verdict = VERDICT_SATISFIED;
    decision.shortfall = SHORTFALL_NONE;
    decision.satisfied_until_ms = time_ms != 0 ? end_of(time_ms, requirement.max_age_ms) : INT64_MAX;
  }
  return decision;
}
