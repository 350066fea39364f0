/* What registrations are offered and asked for, as the configuration adds up. */
#ifndef SEKISHO_RP_OFFER_H
#define SEKISHO_RP_OFFER_H

#include "config/config.h"

#define OFFER_ALGORITHMS_MAX 16

typedef struct offer {
  int64_t algorithms[OFFER_ALGORITHMS_MAX]; /* COSE numbers, best first */
  size_t algorithm_count;
  const char *attestation;   /* unless the request names its own */
  bool attestation_required; /* rp.authenticators lets nobody in without: less than "direct" is never asked */
} offer_t;

/* ERR_CONFIG for an algorithm that cannot be had here; the detail names the key. */
MUST_USE error_code_t offer_make(const config_t *config, offer_t *ret_offer, error_detail_t *detail);

/* What to ask in place of wanted (a word of WebAuthn's). */
const char *offer_attestation(const offer_t *offer, const char *wanted);

#endif
