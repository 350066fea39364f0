/* What registrations are offered and asked for, as the configuration adds up. */
#ifndef SEKISHO_RP_OFFER_H
#define SEKISHO_RP_OFFER_H

#include "config/config.h"

#define OFFER_ALGORITHMS_MAX 16

typedef struct offer {
  int64_t algorithms[OFFER_ALGORITHMS_MAX]; /* COSE numbers, best first */
  size_t algorithm_count;
} offer_t;

/* ERR_CONFIG for an algorithm that cannot be had here; the detail names the key. */
MUST_USE error_code_t offer_make(const config_t *config, offer_t *ret_offer, error_detail_t *detail);

/* Without attestation the passkey would be for nothing: rp.authenticators lets nobody in without, or nobody
 * meets the requirement that it is made for. */
bool offer_needs_attestation(const config_t *config, requirement_t requirement);

#endif
