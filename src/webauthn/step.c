#include "webauthn/step.h"

static const webauthn_step_info_t STEPS[] = {
#define STEP_ROW(id, slug, registration, authentication, words) {slug, registration, authentication, words},
#include "webauthn/step_table.h"
#undef STEP_ROW
};

const webauthn_step_info_t *webauthn_step_info(webauthn_step_t step)
{
  return &STEPS[(unsigned)step < WEBAUTHN_STEP_COUNT ? (unsigned)step : 0];
}
