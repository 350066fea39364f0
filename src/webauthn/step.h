/* The steps of WebAuthn L3 §7.1 and §7.2 by name, in the standard's order: what a verdict says when it is no.
 */
#ifndef SEKISHO_WEBAUTHN_STEP_H
#define SEKISHO_WEBAUTHN_STEP_H

#include "base/error.h"

typedef enum webauthn_step {
#define STEP_ROW(id, slug, registration, authentication, words) WEBAUTHN_STEP_##id,
#include "webauthn/step_table.h"
#undef STEP_ROW
  WEBAUTHN_STEP_COUNT
} webauthn_step_t;

typedef struct webauthn_step_info {
  const char *slug;   /* stable, part of the outside (`sekisho verify`) */
  int registration;   /* number of the step in §7.1, 0 when it is not there */
  int authentication; /* number of the step in §7.2, 0 when it is not there */
  const char *words;  /* what the step asks, in short */
} webauthn_step_info_t;

/* Never NULL. */
const webauthn_step_info_t *webauthn_step_info(webauthn_step_t step);

/* Where a ceremony stopped. step is WEBAUTHN_STEP_NONE when nothing was refused. detail is for operators. */
typedef struct webauthn_verdict {
  webauthn_step_t step;
  error_detail_t detail;
} webauthn_verdict_t;

#endif
