#include "ops/metrics.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LABELS_MAX 6
#define DOMAIN_MAX 64

typedef struct metric_row {
  const char *name, *help;
  const char *label; /* NULL: one plain counter */
  const char *values[LABELS_MAX];
} metric_row_t;

static const metric_row_t rows[METRIC_COUNT] = {
    [METRIC_AUTHORIZATIONS] = {"sekisho_authorizations_total",
                               "Authorization requests judged.",
                               "outcome",
                               {"code", "error", "authenticate", "error_page"}},
    [METRIC_TOKENS] = {"sekisho_token_requests_total",
                       "Requests at the token endpoint.",
                       "outcome",
                       {"issued", "refused", "replayed"}},
    [METRIC_CHECKS] = {"sekisho_checks_total",
                       "Gateway checks.",
                       "outcome",
                       {"allowed", "unauthenticated", "step_up", "forbidden", "failed"}},
    [METRIC_SESSIONS_ENDED] = {"sekisho_sessions_ended_total",
                               "Sessions that the login server ended.",
                               NULL,
                               {NULL}},
    [METRIC_KEY_ROTATIONS] = {"sekisho_key_rotations_total", "Rotations of the signing keys.", NULL, {NULL}},
    [METRIC_EVIDENCE_DROPPED] = {"sekisho_evidence_dropped_total",
                                 "Pieces of evidence whose bytes contradict what the login server concluded.",
                                 NULL,
                                 {NULL}},
    [METRIC_LOGOUTS] = {"sekisho_logouts_total",
                        "Logout tokens sent to clients.",
                        "outcome",
                        {"told", "failed", "given_up"}},
};

struct metrics {
  char domain[DOMAIN_MAX];
  _Atomic uint64_t counts[METRIC_COUNT][LABELS_MAX];
};

error_code_t metrics_new(const char *domain, metrics_t **ret_metrics)
{
  size_t len = strlen(domain);
  if (len >= DOMAIN_MAX)
    return ERR_CONFIG;
  metrics_t *metrics = calloc(1, sizeof *metrics);
  if (metrics == NULL)
    return ERR_NO_MEMORY;
  memcpy(metrics->domain, domain, len + 1);
  *ret_metrics = metrics;
  return ERR_NONE;
}

void metrics_free(metrics_t *metrics)
{
  free(metrics);
}

void metrics_count(metrics_t *metrics, metric_t metric, unsigned label)
{
  if (metric < METRIC_COUNT && label < LABELS_MAX)
    atomic_fetch_add_explicit(&metrics->counts[metric][label], 1, memory_order_relaxed);
}

static void print_line(builder_t *builder, const metric_row_t *row, const char *domain, const char *value,
                       uint64_t count)
{
  builder_add_string(builder, row->name);
  builder_add_string(builder, "{domain=\"");
  builder_add_string(builder, domain);
  if (value != NULL) {
    builder_add_string(builder, "\",");
    builder_add_string(builder, row->label);
    builder_add_string(builder, "=\"");
    builder_add_string(builder, value);
  }
  builder_add_string(builder, "\"} ");
  builder_add_decimal(builder, (int64_t)count);
  builder_add_string(builder, "\n");
}

static void print_set(builder_t *builder, metric_t metric, metrics_t *set)
{
  const metric_row_t *row = &rows[metric];
  if (row->label == NULL)
    print_line(builder, row, set->domain, NULL, atomic_load(&set->counts[metric][METRIC_PLAIN]));
  for (size_t i = 0; i < LABELS_MAX && row->values[i] != NULL; i++)
    print_line(builder, row, set->domain, row->values[i], atomic_load(&set->counts[metric][i]));
}

void metrics_print(builder_t *builder, metrics_t *const *sets, size_t count)
{
  for (metric_t metric = 0; metric < METRIC_COUNT; metric++) {
    builder_add_string(builder, "# HELP ");
    builder_add_string(builder, rows[metric].name);
    builder_add_string(builder, " ");
    builder_add_string(builder, rows[metric].help);
    builder_add_string(builder, "\n# TYPE ");
    builder_add_string(builder, rows[metric].name);
    builder_add_string(builder, " counter\n");
    for (size_t i = 0; i < count; i++)
      print_set(builder, metric, sets[i]);
  }
}
