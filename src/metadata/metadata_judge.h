/* What metadata says about one registration: whether the model may be what it says it is, what became of it,
 * and which roots vouch for it. */
#ifndef SEKISHO_METADATA_METADATA_JUDGE_H
#define SEKISHO_METADATA_METADATA_JUDGE_H

#include "metadata/metadata.h"

typedef struct metadata_facts {
  const metadata_model_t *model; /* the first that speaks of it; NULL: the metadata does not know it */
  size_t model_count;            /* side by side */
  metadata_standing_t standing;
  bool is_hardware; /* every model that speaks of it protects keys in hardware of their own */
} metadata_facts_t;

/* A credential that was registered before. */
typedef struct metadata_subject {
  bytes_t aaguid;
  bytes_t key_identifier; /* of its attestation certificate, where the AAGUID is zero; may be none */
  const attestation_chain_t *chain; /* NULL: nothing is known of it, and what is about some batch counts */
  int64_t time_ms;
} metadata_subject_t;

/* Facts and no judgement. */
metadata_facts_t metadata_facts(const metadata_t *metadata, const metadata_subject_t *subject);

/* Of a certificate's key, for metadata_subject_t and metadata_find_by_key. ERR_ATTESTATION_CERTIFICATE when
 * it cannot be read. */
MUST_USE error_code_t metadata_key_identifier(bytes_t certificate,
                                              uint8_t ret_identifier[KEY_IDENTIFIER_LENGTH]);

/* Refuses what the metadata rules out, from what it knows of the model (facts are always set):
 * ERR_AUTHENTICATOR_COMPROMISED for a security status, ERR_AUTHENTICATOR_NOT_ALLOWED for a retired or an
 * unusable model, ERR_ATTESTATION_MISMATCH for an attestation type or an algorithm that the model does not
 * have. An unknown model passes: whether it may is policy; one whose key could not be named for want of
 * memory does not. */
MUST_USE error_code_t metadata_judge(const metadata_t *metadata, const attestation_claim_t *claim,
                                     metadata_facts_t *ret_facts, error_detail_t *detail);

/* The trust anchors of the models, added to roots. */
MUST_USE error_code_t metadata_facts_add_roots(const metadata_facts_t *facts, trust_roots_t *roots);

#endif
