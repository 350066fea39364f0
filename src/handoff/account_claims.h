/* What an operator may say about an account, and under which scope a domain may hear it: the standard claims
 * of OpenID Connect Core §5.1, by the scopes of §5.4. One row a claim; the parts of an address are rows too,
 * named address.locality and so on, and become one object when claims travel. */
#ifndef SEKISHO_HANDOFF_ACCOUNT_CLAIMS_H
#define SEKISHO_HANDOFF_ACCOUNT_CLAIMS_H

#include "base/json.h"

#define ACCOUNT_CLAIM_MAX 256                  /* bytes of one value */
#define ACCOUNT_CLAIMS_MAX ((size_t)16 * 1024) /* of all of them as JSON text */
#define ACCOUNT_CLAIM_UPDATED_AT "updated_at"  /* the server's own word: when an operator last changed one */
#define ACCOUNT_CLAIM_ADDRESS "address"

typedef enum account_claim_kind {
  ACCOUNT_CLAIM_TEXT,
  ACCOUNT_CLAIM_LINK,  /* http or https */
  ACCOUNT_CLAIM_EMAIL, /* local@domain */
  ACCOUNT_CLAIM_PHONE, /* E.164, with spaces and hyphens and ;ext= as people write it */
  ACCOUNT_CLAIM_DATE,  /* YYYY-MM-DD, 0000-MM-DD or YYYY */
  ACCOUNT_CLAIM_BOOLEAN,
  ACCOUNT_CLAIM_TIME, /* seconds; not settable */
} account_claim_kind_t;

typedef struct account_claim {
  const char *name;
  const char *scope;
  account_claim_kind_t kind;
  const char *about; /* the claim that this one vouches for: it falls when that one changes */
} account_claim_t;
extern const account_claim_t account_claims[];
extern const size_t account_claim_count;
/* NULL: there is none of that name. */
const account_claim_t *account_claim_find(bytes_t name);

typedef struct account_scope {
  const char *name;
  const char *title_en, *title_ja; /* for the step-up page, where the domain gives no title */
} account_scope_t;
extern const account_scope_t account_scopes[];
extern const size_t account_scope_count;
const account_scope_t *account_scope_find(bytes_t name);

/* Whether text is a value for the claim, as an operator types it: true and false for a boolean. */
bool account_claim_accepts(const account_claim_t *claim, bytes_t text);
/* Adds the claim to claims; false when memory is short. text must be one that it accepts. */
bool account_claim_put(json_t *claims, const account_claim_t *claim, bytes_t text);
/* The members of claims that a scope of `scopes` (separated by spaces) gives and whose value is one that the
 * claim accepts; all else stays behind. A new object, NULL when memory is short. */
json_t *account_claims_select(const json_t *claims, bytes_t scopes);

#endif
