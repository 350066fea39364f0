/* Who may embed a ceremony: §7.1 steps 10 and 11, §7.2 steps 13 and 14, as a truth table. */
#include "unit.h"

#include "webauthn/site.h"

#define ORIGIN "https://rp.example"
#define OUTER "https://shop.example"

typedef struct row {
  bool allowed, needs_top, needs_cross; /* the site's */
  bool cross_origin;
  const char *top_origin;     /* NULL: absent */
  webauthn_step_t refused_at; /* WEBAUTHN_STEP_NONE: taken */
} row_t;

static const row_t ROWS[] = {
    {false, false, false, false, NULL, WEBAUTHN_STEP_NONE},
    {false, false, false, true, NULL, WEBAUTHN_STEP_CROSS_ORIGIN},
    {false, false, false, false, OUTER, WEBAUTHN_STEP_TOP_ORIGIN},
    {false, false, false, true, OUTER, WEBAUTHN_STEP_CROSS_ORIGIN},
    {true, false, false, true, NULL, WEBAUTHN_STEP_NONE},
    {true, true, false, true, NULL, WEBAUTHN_STEP_TOP_ORIGIN},
    {true, true, false, false, NULL, WEBAUTHN_STEP_NONE},
    {true, true, false, true, OUTER, WEBAUTHN_STEP_NONE},
    {true, false, false, false, OUTER, WEBAUTHN_STEP_NONE},
    {true, false, true, false, OUTER, WEBAUTHN_STEP_TOP_ORIGIN},
    {true, false, true, true, OUTER, WEBAUTHN_STEP_NONE},
    {true, false, false, true, "https://other.example", WEBAUTHN_STEP_TOP_ORIGIN},
    {true, false, false, true, ORIGIN, WEBAUTHN_STEP_TOP_ORIGIN}, /* listed as an origin, not as a top one */
    {true, false, false, true, "", WEBAUTHN_STEP_TOP_ORIGIN},
};

static void check_row(const row_t *row)
{
  const bytes_t origins[] = {BYTES_LITERAL("https://first.example"), BYTES_LITERAL(ORIGIN)},
                outer = BYTES_LITERAL(OUTER);
  const webauthn_site_t site = {.rp_id = BYTES_LITERAL("rp.example"),
                                .origins = origins,
                                .origin_count = 2,
                                .allow_cross_origin = row->allowed,
                                .top_origins = &outer,
                                .top_origin_count = 1,
                                .cross_origin_needs_top_origin = row->needs_top,
                                .top_origin_needs_cross_origin = row->needs_cross};
  const client_data_t data = {.type = BYTES_LITERAL("webauthn.get"),
                              .challenge = BYTES_LITERAL("0123456789abcdef"),
                              .origin = BYTES_LITERAL(ORIGIN),
                              .cross_origin = row->cross_origin,
                              .has_top_origin = row->top_origin != NULL,
                              .top_origin = bytes_of_string(row->top_origin)};
  webauthn_verdict_t verdict = {.step = WEBAUTHN_STEP_NONE};
  error_code_t code = webauthn_site_check_client_data(&site, "webauthn.get", data.challenge, &data, &verdict);
  assert_int_equal(verdict.step, row->refused_at);
  assert_int_equal(code, row->refused_at == WEBAUTHN_STEP_NONE ? ERR_NONE : ERR_CROSS_ORIGIN);
  assert_true((verdict.detail.text[0] != '\0') == (code != ERR_NONE));
}

static void who_may_embed(void **state)
{
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++)
    check_row(&ROWS[i]);
}

/* A site without a challenge of its own has no ceremony to answer. */
static void no_challenge_is_no_challenge(void **state)
{
  const bytes_t origin = BYTES_LITERAL(ORIGIN);
  const webauthn_site_t site = {.rp_id = BYTES_LITERAL("rp.example"), .origins = &origin, .origin_count = 1};
  const client_data_t data = {.type = BYTES_LITERAL("webauthn.get"), .origin = origin};
  webauthn_verdict_t verdict;
  assert_int_equal(webauthn_site_check_client_data(&site, "webauthn.get", BYTES_NONE, &data, &verdict),
                   ERR_CHALLENGE);
  assert_int_equal(verdict.step, WEBAUTHN_STEP_CHALLENGE);
}

/* Details are for a log line: what a stranger wrote is cut. */
static void long_origins_are_cut_in_details(void **state)
{
  const bytes_t origin = BYTES_LITERAL(ORIGIN);
  const webauthn_site_t site = {.rp_id = BYTES_LITERAL("rp.example"), .origins = &origin, .origin_count = 1};
  char long_origin[300];
  memset(long_origin, 'x', sizeof(long_origin));
  const client_data_t data = {.type = BYTES_LITERAL("webauthn.get"),
                              .challenge = BYTES_LITERAL("0123456789abcdef"),
                              .origin = bytes_of(long_origin, sizeof(long_origin))};
  webauthn_verdict_t verdict;
  assert_int_equal(webauthn_site_check_client_data(&site, "webauthn.get", data.challenge, &data, &verdict),
                   ERR_ORIGIN);
  const char *shown = strchr(verdict.detail.text, 'x');
  assert_non_null(shown);
  assert_in_range(strspn(shown, "x"), 1, 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(who_may_embed),
      cmocka_unit_test(no_challenge_is_no_challenge),
      cmocka_unit_test(long_origins_are_cut_in_details),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
