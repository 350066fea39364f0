/* Decisions in words, for the person who has to act on them. */
#include <string.h>

#include "policy/decision.h"

typedef struct unit {
  int64_t length_ms;
  const char *en, *ja;
} unit_t;

static const unit_t units[] = {
    {86400000, " d", "日"},
    {3600000, " h", "時間"},
    {60000, " min", "分"},
    {1000, " s", "秒"},
};
#define UNIT_COUNT (sizeof units / sizeof units[0])

/* What a sentence is made of. */
typedef struct phrases {
  bool japanese;
  const char *who;    /* who asks */
  const char *what;   /* the authenticator asked for */
  const char *within; /* "" when any age will do */
  const char *ago;    /* when the nearest evidence was given */
} phrases_t;

/* Two units at most ("11 h 55 min"), whole seconds; round_up so that an age never looks fresher than it is.
 */
static const char *duration(arena_t *arena, int64_t length_ms, bool round_up, bool japanese)
{
  size_t first = 0;
  while (first + 1 < UNIT_COUNT && length_ms < units[first].length_ms)
    first++;
  size_t second = first + 1 < UNIT_COUNT ? first + 1 : first;
  int64_t step = units[second].length_ms;
  int64_t steps = length_ms / step + (round_up && length_ms % step != 0 ? 1 : 0);
  int64_t per_first = units[first].length_ms / step;
  if (first > 0 && steps * step == units[first - 1].length_ms)
    return duration(arena, units[first - 1].length_ms, false, japanese); /* 59.9 s up is 1 min */
  const char *first_name = japanese ? units[first].ja : units[first].en;
  const char *second_name = japanese ? units[second].ja : units[second].en;
  long long whole = (long long)(steps / per_first), rest = (long long)(steps % per_first);
  if (rest == 0 || first == second)
    return arena_format(arena, "%lld%s", whole, first_name);
  return arena_format(arena, "%lld%s%s%lld%s", whole, first_name, japanese ? "" : " ", rest, second_name);
}

static const char *ago(arena_t *arena, int64_t age_ms, bool japanese)
{
  if (age_ms < 1000)
    return japanese ? "たった今" : "just now";
  const char *length = duration(arena, age_ms, true, japanese);
  return length == NULL ? NULL : arena_format(arena, japanese ? "%s前" : "%s ago", length);
}

static const char *what_en(const level_t *level)
{
  if (level->attested_hardware)
    return level->user_verified ? "an attested hardware security key confirmed with fingerprint, face or PIN"
                                : "an attested hardware security key";
  if (level->device_bound)
    return level->user_verified
               ? "a passkey that stays on one device, confirmed with fingerprint, face or PIN"
               : "a passkey that stays on one device";
  return level->user_verified ? "a passkey confirmed with fingerprint, face or PIN"
                              : "a passkey or security key";
}

static const char *what_ja(const level_t *level)
{
  if (level->attested_hardware)
    return level->user_verified ? "本人確認(指紋・顔・PIN など)を伴う、製造元が証明するセキュリティキー"
                                : "製造元が証明するセキュリティキー";
  if (level->device_bound)
    return level->user_verified ? "本人確認(指紋・顔・PIN など)を伴う、端末から持ち出せないパスキー"
                                : "端末から持ち出せないパスキー";
  return level->user_verified ? "本人確認(指紋・顔・PIN など)を伴うパスキー"
                              : "パスキーまたはセキュリティキー";
}

static const char *within(arena_t *arena, int64_t max_age_ms, bool japanese)
{
  if (max_age_ms == MAX_AGE_NONE || max_age_ms <= 0)
    return "";
  const char *length = duration(arena, max_age_ms, false, japanese);
  return length == NULL ? NULL : arena_format(arena, japanese ? "%s以内の" : " within the last %s", length);
}

static char *satisfied(arena_t *arena, const phrases_t *p, const policy_context_t *context,
                       requirement_t requirement, const decision_t *decision)
{
  if (requirement_is_none(requirement))
    return p->japanese ? arena_format(arena, "%sでは、ここで追加の認証は必要ありません。", p->who)
                       : arena_format(arena, "%s asks for no further sign-in here.", p->who);
  if (decision->satisfied_until_ms == INT64_MAX)
    return p->japanese
               ? arena_format(arena, "追加の認証は必要ありません。%sが求める%sによる認証は%sに済んでいます。",
                              p->who, p->what, p->ago)
               : arena_format(arena, "Nothing is missing: %s asks for %s, and yours was used %s.", p->who,
                              p->what, p->ago);
  const char *rest = duration(arena, decision->satisfied_until_ms - 1 - context->now_ms, false, p->japanese);
  if (rest == NULL)
    return NULL;
  return p->japanese
             ? arena_format(
                   arena,
                   "追加の認証は必要ありません。%sが求める%s%sによる認証は%sに済んでおり、あと%s有効です。",
                   p->who, p->within, p->what, p->ago, rest)
             : arena_format(arena,
                            "Nothing is missing: %s asks for %s%s, and yours was used %s. It is good for "
                            "another %s.",
                            p->who, p->what, p->within, p->ago, rest);
}

static char *missing_en(arena_t *arena, const phrases_t *p, const decision_t *decision)
{
  const evidence_t *basis = decision->basis;
  switch (decision->shortfall) {
  case SHORTFALL_AUTHENTICATOR:
    return arena_format(
        arena,
        "%s does not take the passkey or key that was used %s; use another, of a kind that %s accepts.",
        p->who, p->ago, p->who);
  case SHORTFALL_LEVEL:
    return arena_format(arena, "%s asks for %s%s; what was used %s is weaker than that.", p->who, p->what,
                        p->within, p->ago);
  case SHORTFALL_AGE:
    return arena_format(arena, "%s asks for %s%s; yours was used %s.", p->who, p->what, p->within, p->ago);
  case SHORTFALL_DOMAIN:
    return arena_format(arena, "%s asks for %s, used for %s itself%s; yours was used %s for %s.", p->who,
                        p->what, p->who, p->within, p->ago,
                        basis != NULL && !domain_id_is_empty(&basis->domain) ? basis->domain.text
                                                                             : "something else");
  case SHORTFALL_VERIFIED:
    return arena_format(arena,
                        "%s asks for %s%s, checked by %s itself; yours, used %s, was checked by the login "
                        "server only.",
                        p->who, p->what, p->within, p->who, p->ago);
  case SHORTFALL_REQUEST:
    return arena_format(arena, "%s asks for %s for this very request; yours was used %s, for an earlier one.",
                        p->who, p->what, p->ago);
  case SHORTFALL_NONE:
  case SHORTFALL_NO_EVIDENCE:
    break;
  }
  return arena_format(arena, "%s asks for %s%s; none has been used yet.", p->who, p->what, p->within);
}

static char *missing_ja(arena_t *arena, const phrases_t *p, const decision_t *decision)
{
  const evidence_t *basis = decision->basis;
  switch (decision->shortfall) {
  case SHORTFALL_AUTHENTICATOR:
    return arena_format(arena,
                        "%sでは、前回(%s)使われたパスキーやセキュリティキーは受け付けていません。%"
                        "sが認める別のものをお使いください。",
                        p->who, p->ago, p->who);
  case SHORTFALL_LEVEL:
    return arena_format(arena, "%sには、%s%sによる認証が必要です。%sの認証では強度が足りません。", p->who,
                        p->within, p->what, p->ago);
  case SHORTFALL_AGE:
    return arena_format(arena, "%sには、%s%sによる認証が必要です。前回の認証は%sでした。", p->who, p->within,
                        p->what, p->ago);
  case SHORTFALL_DOMAIN:
    return arena_format(
        arena, "%sには、%sのために行う、%s%sによる認証が必要です。前回(%s)の認証は%sのためのものでした。",
        p->who, p->who, p->within, p->what, p->ago,
        basis != NULL && !domain_id_is_empty(&basis->domain) ? basis->domain.text : "別の用途");
  case SHORTFALL_VERIFIED:
    return arena_format(arena,
                        "%sには、%s自身が確認した、%s%sによる認証が必要です。%"
                        "sの認証を確認したのはログインサーバーだけです。",
                        p->who, p->who, p->within, p->what, p->ago);
  case SHORTFALL_REQUEST:
    return arena_format(arena,
                        "%sには、今回の操作のために改めて行う、%sによる認証が必要です。前回(%s)の認証は以前の"
                        "操作のためのものでした。",
                        p->who, p->what, p->ago);
  case SHORTFALL_NONE:
  case SHORTFALL_NO_EVIDENCE:
    break;
  }
  return arena_format(arena, "%sには、%s%sによる認証が必要です。まだ認証が行われていません。", p->who,
                      p->within, p->what);
}

static char *denied(arena_t *arena, const phrases_t *p, const decision_t *decision)
{
  if (decision->shortfall == SHORTFALL_LEVEL)
    return p->japanese
               ? arena_format(arena,
                              "%sが求める認証レベルは、このサーバーでは扱っていません。もう一度認証して"
                              "も解決しませんので、運営者にお問い合わせください。",
                              p->who)
               : arena_format(arena,
                              "%s asks for a level that this server does not know. Signing in again "
                              "will not help; please tell the operator.",
                              p->who);
  return p->japanese
             ? arena_format(arena,
                            "%sが求める条件は、もう一度認証しても満たせません。運営者にお問い合わせくだ"
                            "さい。",
                            p->who)
             : arena_format(arena,
                            "What %s asks for cannot be met by signing in again; please tell the "
                            "operator.",
                            p->who);
}

char *policy_explain(arena_t *arena, const policy_context_t *context, requirement_t requirement,
                     const decision_t *decision, const char *language)
{
  static const level_t weakest = {0};
  bool japanese = strcmp(language, "ja") == 0;
  bool known = requirement.level >= 0 && (size_t)requirement.level < context->levels->count;
  const level_t *level = known ? &context->levels->levels[requirement.level] : &weakest;
  phrases_t phrases = {
      .japanese = japanese,
      .who = context->domain_name != NULL ? context->domain_name : context->domain.text,
      .what = japanese ? what_ja(level) : what_en(level),
      .within = within(arena, requirement.max_age_ms, japanese),
      .ago = ago(arena, decision->age_ms, japanese),
  };
  if (domain_id_is_empty(&context->domain))
    phrases.who = japanese ? "このページ" : "this page";
  if (phrases.within == NULL || phrases.ago == NULL)
    return NULL;
  switch (decision->verdict) {
  case VERDICT_SATISFIED:
    return satisfied(arena, &phrases, context, requirement, decision);
  case VERDICT_STEP_UP:
    return japanese ? missing_ja(arena, &phrases, decision) : missing_en(arena, &phrases, decision);
  case VERDICT_DENIED:
    break;
  }
  return denied(arena, &phrases, decision);
}
