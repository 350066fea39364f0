#include "policy/requirement.h"

static const char *const kind_names[] = {
    [EVIDENCE_ANY] = "any",
    [EVIDENCE_DOMAIN] = "domain",
    [EVIDENCE_VERIFIED] = "verified",
};
#define KIND_COUNT (sizeof kind_names / sizeof kind_names[0])

const char *evidence_kind_name(evidence_kind_t kind)
{
  return (size_t)kind < KIND_COUNT ? kind_names[kind] : "unknown";
}

error_code_t evidence_kind_parse(bytes_t text, evidence_kind_t *ret_kind)
{
  for (size_t i = 0; i < KIND_COUNT; i++) {
    if (bytes_equal_string(text, kind_names[i])) {
      *ret_kind = (evidence_kind_t)i;
      return ERR_NONE;
    }
  }
  return ERR_MALFORMED;
}

requirement_t requirement_join(requirement_t a, requirement_t b)
{
  return (requirement_t){
      .level = a.level > b.level ? a.level : b.level,
      .max_age_ms = a.max_age_ms < b.max_age_ms ? a.max_age_ms : b.max_age_ms,
      .kind = a.kind > b.kind ? a.kind : b.kind,
      .this_request = a.this_request || b.this_request,
  };
}

bool requirement_is_none(requirement_t requirement)
{
  return requirement.level == -1 && requirement.max_age_ms == MAX_AGE_NONE &&
         requirement.kind == EVIDENCE_ANY && !requirement.this_request;
}
