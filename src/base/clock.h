/* The only place that reads a clock. webauthn and policy never do: they are given the time. */
#ifndef SEKISHO_BASE_CLOCK_H
#define SEKISHO_BASE_CLOCK_H

#include <stdint.h>

#define SECONDS_MS(n) ((int64_t)(n)*1000)

/* Wall clock, milliseconds since 1970. In builds with test hooks SEKISHO_CLOCK_OFFSET_FILE is added. */
int64_t clock_now_ms(void);
/* Never goes back, no relation to the wall clock: for deadlines and rate limits. */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void); /* the same in microseconds, to measure with */

#endif
