/* How often one address may start or finish ceremonies and requests: a token bucket each, in memory. */
#ifndef SEKISHO_RP_RATE_LIMIT_H
#define SEKISHO_RP_RATE_LIMIT_H

#include "base/bytes.h"

typedef struct rate_limit rate_limit_t;

typedef struct rate_limit_rules {
  unsigned burst;      /* calls at once */
  unsigned per_minute; /* in the long run */
  bool loopback;       /* this host's own addresses count too: a proxy there speaks for everybody */
} rate_limit_rules_t;

/* IPv6 addresses of one /64 count as one. */
MUST_USE error_code_t rate_limit_new(rate_limit_rules_t rules, rate_limit_t **ret_limit);
void rate_limit_free(rate_limit_t *limit);
/* Any thread. */
void rate_limit_set(rate_limit_t *limit, rate_limit_rules_t rules);
/* An empty address (a Unix socket) is never limited. */
MUST_USE bool rate_limit_take(rate_limit_t *limit, bytes_t address, int64_t now_monotonic_ms);

#endif
