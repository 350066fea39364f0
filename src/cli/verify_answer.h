/* What `sekisho verify` says of one case, as its line of JSON. */
#ifndef SEKISHO_CLI_VERIFY_ANSWER_H
#define SEKISHO_CLI_VERIFY_ANSWER_H

#include "base/json.h"
#include "webauthn/step.h"

/* What a response taught, or, when it was refused, what it says of itself as far as it can be read. Views;
 * zero: unknown. */
typedef struct verify_learnt {
  bytes_t format;
  const char *attestation_type; /* verified ones only */
  bytes_t aaguid, public_key, credential_id;
  int64_t algorithm;
  bool has_data; /* sign_count and flags are known */
  uint32_t sign_count;
  uint8_t flags;
} verify_learnt_t;

typedef struct verify_answer {
  const json_t *id; /* as it came; NULL: null */
  error_code_t code;
  webauthn_step_t step;
  bytes_t message; /* none, or not UTF-8: the code's sentence; null when verified and none */
  verify_learnt_t learnt;
} verify_answer_t;

/* One line with its newline, in the arena; none when out of memory. Every member is there, null where
 * unknown. */
bytes_t verify_answer_print(arena_t *arena, const verify_answer_t *answer);

#endif
