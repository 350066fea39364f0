/* Levels (acr): named predicates over one piece of evidence, in a total order, weakest first. */
#ifndef SEKISHO_POLICY_LEVEL_H
#define SEKISHO_POLICY_LEVEL_H

#include "policy/evidence.h"

#define LEVEL_PRESENCE "urn:sekisho:acr:presence"
#define LEVEL_PHISHING_RESISTANT "phr"
#define LEVEL_PHISHING_RESISTANT_HARDWARE "phrh"

#define LEVEL_MAX 8

typedef struct level {
  const char *name; /* the acr value */
  bool user_verified;
  bool device_bound;
  bool attested_hardware;
  authenticator_rule_t authenticators; /* which models hold it */
} level_t;

/* Each level implies those before it: check-config refuses tables where one does not. */
typedef struct level_table {
  level_t levels[LEVEL_MAX];
  size_t count;
} level_table_t;

const level_table_t *level_table_builtin(void);
/* Index in the table, -1 when unknown: 0 is the weakest. */
int level_find(const level_table_t *table, bytes_t name);
/* Whatever holds the stronger holds the weaker. */
bool level_implies(const level_t *stronger, const level_t *weaker);
/* No evidence holds it unless somebody vouches for the authenticator, or it for itself. */
bool level_needs_vouching(const level_t *level);
/* The highest level that this evidence holds, -1 for none (always when UP is clear). */
int level_of(const level_table_t *table, const evidence_t *evidence);

#endif
