/* A session's evidence as the store keeps it: the facts that policy weighs, each beside the bytes it was
 * concluded from. */
#ifndef SEKISHO_RP_EVIDENCE_RECORD_H
#define SEKISHO_RP_EVIDENCE_RECORD_H

#include "handoff/handoff.h"

typedef struct evidence_record {
  handoff_evidence_t items[EVIDENCE_MAX];
  size_t count;
} evidence_record_t;

/* Adds, replacing an older one of the same (credential, purpose, domain, UV), or the oldest when full, as
 * evidence_set_add does. */
void evidence_record_add(evidence_record_t *record, const handoff_evidence_t *evidence);
/* Takes out whatever a credential gave; hash: SHA-256 of its id. */
void evidence_record_drop_credential(evidence_record_t *record, const uint8_t hash[32]);
/* The facts alone. */
void evidence_record_facts(const evidence_record_t *record, evidence_set_t *ret_set);

MUST_USE error_code_t evidence_record_build(arena_t *arena, const evidence_record_t *record,
                                            bytes_t *ret_bytes);
/* Views into bytes. ERR_STORE_FAILED for anything else. */
MUST_USE error_code_t evidence_record_parse(bytes_t bytes, evidence_record_t *ret_record);

#endif
