/* The grants whose tokens are dead before their time, in memory: the check path asks here and reads no
 * database. An entry lives until the last access token of its grant has expired. */
#ifndef SEKISHO_AUTHORITY_REVOCATIONS_H
#define SEKISHO_AUTHORITY_REVOCATIONS_H

#include "store/authority_grants.h"

typedef struct revocations revocations_t;

MUST_USE error_code_t revocations_new(revocations_t **ret_revocations);
void revocations_free(revocations_t *revocations);

/* Only after the change is durable. When memory is short every token of the domain is refused until a
 * restart, rather than one let through. */
void revocations_add(revocations_t *revocations, grant_ref_t grant, int64_t until_ms);
bool revocations_contain(revocations_t *revocations, grant_ref_t grant);
/* Grows with every addition: whoever caches a verdict compares it. */
uint64_t revocations_generation(const revocations_t *revocations);
/* Forgets entries that ended before now. */
void revocations_prune(revocations_t *revocations, int64_t now_ms);

#endif
