/* libfido2 judges a registration as well, from the same bytes. When it disagrees, the registration is
 * refused. */
#ifndef SEKISHO_WEBAUTHN_SECOND_OPINION_H
#define SEKISHO_WEBAUTHN_SECOND_OPINION_H

#include "webauthn/attestation.h"

/* For the formats whose row says so. Where libfido2 cannot judge (UP clear in a conditional create) it
 * agrees. */
MUST_USE error_code_t second_opinion_check(const attestation_format_t *format,
                                           const attestation_input_t *input,
                                           const attestation_finding_t *finding, error_detail_t *detail);

#endif
