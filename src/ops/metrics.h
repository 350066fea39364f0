/* Counters for /metrics, in Prometheus' text form. What can be counted is one table (metrics.c), so that its
 * documentation and its names cannot drift. */
#ifndef SEKISHO_OPS_METRICS_H
#define SEKISHO_OPS_METRICS_H

#include "base/bytes.h"

typedef enum metric {
  METRIC_AUTHORIZATIONS, /* by outcome */
  METRIC_TOKENS,         /* by outcome */
  METRIC_CHECKS,         /* by outcome */
  METRIC_SESSIONS_ENDED,
  METRIC_KEY_ROTATIONS,
  METRIC_EVIDENCE_DROPPED,
  METRIC_LOGOUTS, /* by outcome */
  METRIC_COUNT
} metric_t;

/* Second index of a metric with a label; metrics without one use METRIC_PLAIN. */
enum { METRIC_PLAIN = 0 };
enum { AUTHORIZATION_CODE, AUTHORIZATION_ERROR, AUTHORIZATION_AUTHENTICATE, AUTHORIZATION_PAGE };
enum { TOKEN_ISSUED, TOKEN_REFUSED, TOKEN_REPLAYED };
enum { CHECK_ALLOWED, CHECK_UNAUTHENTICATED, CHECK_STEP_UP, CHECK_FORBIDDEN, CHECK_FAILED };

enum { LOGOUT_TOLD, LOGOUT_FAILED, LOGOUT_GIVEN_UP };

/* One set of counters, for one domain. */
typedef struct metrics metrics_t;

/* domain is copied. */
MUST_USE error_code_t metrics_new(const char *domain, metrics_t **ret_metrics);
void metrics_free(metrics_t *metrics);
/* Any thread. */
void metrics_count(metrics_t *metrics, metric_t metric, unsigned label);
/* All sets together, grouped by metric as the format asks. Needs METRICS_TEXT_MAX(count) bytes. */
void metrics_print(builder_t *builder, metrics_t *const *sets, size_t count);
#define METRICS_TEXT_MAX(count) (4096 + (count)*4096)

#endif
