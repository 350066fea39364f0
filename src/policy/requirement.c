#include "policy/requirement.h"

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
