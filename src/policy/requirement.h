/* A requirement: how strong, how fresh, and from whom evidence must be. Requirements only ever rise. */
#ifndef SEKISHO_POLICY_REQUIREMENT_H
#define SEKISHO_POLICY_REQUIREMENT_H

#include "policy/level.h"

typedef enum evidence_kind {
  EVIDENCE_ANY,      /* any evidence of the session, on the rp's word */
  EVIDENCE_DOMAIN,   /* only evidence whose purpose names this domain */
  EVIDENCE_VERIFIED, /* only what this domain's authority challenged and verified itself */
} evidence_kind_t;

#define MAX_AGE_NONE INT64_MAX

typedef struct requirement {
  int level;          /* index into the level table; -1: nothing is asked */
  int64_t max_age_ms; /* MAX_AGE_NONE: any age */
  evidence_kind_t kind;
  bool this_request; /* prompt=login, max_age=0: evidence given for this very request */
} requirement_t;

#define REQUIREMENT_NONE ((requirement_t){-1, MAX_AGE_NONE, EVIDENCE_ANY, false})

/* The least requirement that satisfies both: member-wise maximum of strength, minimum of age. */
requirement_t requirement_join(requirement_t a, requirement_t b);
bool requirement_is_none(requirement_t requirement);
/* "any", "domain", "verified". */
const char *evidence_kind_name(evidence_kind_t kind);
MUST_USE error_code_t evidence_kind_parse(bytes_t text, evidence_kind_t *ret_kind);

#endif
