/* How often one address may start or finish ceremonies and requests: a token bucket each, in memory. */
#ifndef SEKISHO_RP_RATE_LIMIT_H
#define SEKISHO_RP_RATE_LIMIT_H

#include "base/bytes.h"

typedef struct rate_limit rate_limit_t;

/* burst 0: no limit. IPv6 addresses of one /64 count as one. */
MUST_USE error_code_t rate_limit_new(unsigned burst, unsigned per_minute, rate_limit_t **ret_limit);
void rate_limit_free(rate_limit_t *limit);
/* Any thread. An empty address (a Unix socket) is never limited. */
void rate_limit_set(rate_limit_t *limit, unsigned burst, unsigned per_minute);
MUST_USE bool rate_limit_take(rate_limit_t *limit, bytes_t address);

#endif
