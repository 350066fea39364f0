#include "unit.h"

#include "metadata/metadata_status.h"

#define NOW "2026-09-21"

static int64_t date(const char *text)
{
  int64_t ms = 0;
  assert_ok(metadata_date_parse(bytes_of_string(text), &ms));
  return ms;
}

/* The date and the sunset may be missing. */
typedef struct report {
  const char *status, *date, *sunset;
} report_t;

static metadata_standing_t stand(const report_t *reports, size_t count, const attestation_chain_t *chain)
{
  metadata_report_t parsed[8] = {{0}};
  for (size_t i = 0; i < count; i++)
    parsed[i] = (metadata_report_t){
        .status = metadata_status_parse(bytes_of_string(reports[i].status)),
        .effective_ms = reports[i].date != NULL ? date(reports[i].date) : DATE_NONE,
        .sunset_ms = reports[i].sunset != NULL ? date(reports[i].sunset) : DATE_NONE,
    };
  return metadata_standing(parsed, count, chain, date(NOW));
}

#define ALWAYS(status)                                                                                       \
  {                                                                                                          \
    status, NULL, NULL                                                                                       \
  }
#define SINCE(status, date)                                                                                  \
  {                                                                                                          \
    status, date, NULL                                                                                       \
  }
#define UNTIL(status, date, sunset)                                                                          \
  {                                                                                                          \
    status, date, sunset                                                                                     \
  }
#define STAND(...)                                                                                           \
  stand((const report_t[]){__VA_ARGS__}, sizeof((const report_t[]){__VA_ARGS__}) / sizeof(report_t), NULL)

static void dates_are_days_of_the_calendar(void **state)
{
  (void)state;
  static const char *const BAD[] = {
      "",           "2026-1-05",  "2026-01-5",   "2026-00-01",           "2026-13-01",
      "2026-01-00", "2026-04-31", "2026-02-29",  "2100-02-29",           "1969-12-31",
      "20260105",   "2026/01/05", "2026-01-05 ", "2026-01-05T00:00:00Z", "-026-01-05"};
  int64_t ms;
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(metadata_date_parse(bytes_of_string(BAD[i]), &ms), ERR_MALFORMED);
  assert_int_equal(date("1970-01-01"), 0);
  assert_int_equal(date("2000-02-29"), (int64_t)951782400 * 1000);
  assert_int_equal(date("2026-09-21"), (int64_t)1789948800 * 1000);
  assert_int_equal(date("2027-03-01") - date("2027-02-28"), 86400000);
}

static void names_are_the_standards(void **state)
{
  (void)state;
  for (int status = STATUS_NOT_FIDO_CERTIFIED; status <= STATUS_REVOKED; status++)
    assert_int_equal(metadata_status_parse(bytes_of_string(metadata_status_name((metadata_status_t)status))),
                     status);
  assert_int_equal(metadata_status_parse(BYTES_LITERAL("revoked")), STATUS_UNKNOWN);
  assert_int_equal(metadata_status_parse(BYTES_LITERAL("FIPS140_CERTIFIED_L2")), STATUS_UNKNOWN);
}

static void AT_23_security_statuses_are_problems_wherever_they_stand(void **state)
{
  (void)state;
  static const metadata_status_t PROBLEMS[] = {
      STATUS_REVOKED, STATUS_ATTESTATION_KEY_COMPROMISE, STATUS_USER_KEY_REMOTE_COMPROMISE,
      STATUS_USER_KEY_PHYSICAL_COMPROMISE, STATUS_USER_VERIFICATION_BYPASS};
  for (size_t i = 0; i < ARRAY_LENGTH(PROBLEMS); i++) {
    const char *name = metadata_status_name(PROBLEMS[i]);
    metadata_standing_t standing[] = {
        STAND(ALWAYS(name)),
        STAND(SINCE(name, "2025-01-01")),
        STAND(SINCE(name, "2025-01-01"), SINCE("FIDO_CERTIFIED_L2", "2024-01-01")), /* newest first */
        STAND(SINCE("FIDO_CERTIFIED_L2", "2024-01-01"), SINCE(name, "2025-01-01")), /* oldest first */
        STAND(SINCE("FIDO_CERTIFIED_L2", "2025-01-01"), SINCE(name, "2025-01-01")), /* of one day */
        STAND(SINCE("FIDO_CERTIFIED_L2", "2025-01-01"), ALWAYS(name)), /* as long as it is there */
        STAND(ALWAYS("FIDO_CERTIFIED_L2"), SINCE(name, "2025-01-01")),
        STAND(SINCE(name, "2027-01-01")), /* published ahead of its date */
        STAND(SINCE(name, "2025-01-01"),
              SINCE("UPDATE_AVAILABLE", "2027-01-01")), /* the update is not there yet */
        STAND(SINCE(name, "2025-01-01"), SINCE("NOT_FIDO_CERTIFIED", "2026-01-01")),
        STAND(SINCE(name, "2025-01-01"), SINCE("SOMETHING_NEW", "2026-01-01")),
    };
    for (size_t j = 0; j < ARRAY_LENGTH(standing); j++) {
      assert_int_equal(standing[j].problem, PROBLEMS[i]);
      assert_int_equal(standing[j].certification, CERTIFICATION_NONE);
    }
  }
}

static void AT_23_a_later_update_or_certification_answers_a_problem_but_never_a_revocation(void **state)
{
  (void)state;
  static const char *const ANSWERS[] = {"UPDATE_AVAILABLE", "FIDO_CERTIFIED", "FIDO_CERTIFIED_L1",
                                        "FIDO_CERTIFIED_L3plus"};
  for (size_t i = 0; i < ARRAY_LENGTH(ANSWERS); i++) {
    assert_int_equal(
        STAND(SINCE("USER_VERIFICATION_BYPASS", "2025-01-01"), SINCE(ANSWERS[i], "2025-01-02")).problem,
        STATUS_UNKNOWN);
    assert_int_equal(
        STAND(SINCE(ANSWERS[i], "2025-01-02"), SINCE("USER_KEY_REMOTE_COMPROMISE", "2025-01-01")).problem,
        STATUS_UNKNOWN);
    assert_int_equal(STAND(SINCE("REVOKED", "2025-01-01"), SINCE(ANSWERS[i], "2025-01-02")).problem,
                     STATUS_REVOKED);
  }
  assert_int_equal(STAND(SINCE("USER_VERIFICATION_BYPASS", "2024-01-01"),
                         SINCE("UPDATE_AVAILABLE", "2025-01-01"),
                         SINCE("USER_KEY_PHYSICAL_COMPROMISE", "2026-01-01"))
                       .problem,
                   STATUS_USER_KEY_PHYSICAL_COMPROMISE);
}

static void the_gravest_problem_is_named(void **state)
{
  (void)state;
  assert_int_equal(
      STAND(SINCE("USER_VERIFICATION_BYPASS", "2026-01-01"), SINCE("REVOKED", "2025-01-01")).problem,
      STATUS_REVOKED);
}

static void retired_models_are_told_apart(void **state)
{
  (void)state;
  metadata_standing_t standing =
      STAND(SINCE("FIDO_CERTIFIED_L1", "2024-01-01"), SINCE("RETIRED", "2025-01-01"));
  assert_true(standing.retired);
  assert_int_equal(standing.problem, STATUS_UNKNOWN);
  assert_false(STAND(SINCE("FIDO_CERTIFIED_L1", "2024-01-01")).retired);
}

static void the_newest_certification_in_effect_counts(void **state)
{
  (void)state;
  assert_int_equal(stand(NULL, 0, NULL).certification, CERTIFICATION_NONE);
  assert_int_equal(STAND(SINCE("FIDO_CERTIFIED", "2024-01-01")).certification, CERTIFICATION_NONE);
  assert_int_equal(STAND(ALWAYS("FIDO_CERTIFIED_L1")).certification, CERTIFICATION_L1);
  assert_int_equal(STAND(SINCE("FIDO_CERTIFIED_L1plus", NOW)).certification, CERTIFICATION_L1PLUS);
  assert_int_equal(STAND(SINCE("FIDO_CERTIFIED_L3plus", "2024-01-01")).certification, CERTIFICATION_L3PLUS);
  assert_int_equal(
      STAND(SINCE("FIDO_CERTIFIED_L2", "2025-01-01"), SINCE("FIDO_CERTIFIED_L1", "2024-01-01")).certification,
      CERTIFICATION_L2);
  assert_int_equal(
      STAND(SINCE("FIDO_CERTIFIED_L1", "2025-01-01"), SINCE("FIDO_CERTIFIED_L2", "2025-01-01")).certification,
      CERTIFICATION_L2);
  assert_int_equal(STAND(SINCE("FIDO_CERTIFIED_L2", "2024-01-01"), SINCE("NOT_FIDO_CERTIFIED", "2025-01-01"))
                       .certification,
                   CERTIFICATION_NONE);
  assert_int_equal(
      STAND(SINCE("FIDO_CERTIFIED_L1", "2024-01-01"), SINCE("FIDO_CERTIFIED_L2", "2027-01-01")).certification,
      CERTIFICATION_L1);
  assert_int_equal(STAND(UNTIL("FIDO_CERTIFIED_L2", "2024-01-01", NOW)).certification, CERTIFICATION_NONE);
  assert_int_equal(STAND(UNTIL("FIDO_CERTIFIED_L2", "2024-01-01", "2026-09-22")).certification,
                   CERTIFICATION_L2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dates_are_days_of_the_calendar),
      cmocka_unit_test(names_are_the_standards),
      cmocka_unit_test(AT_23_security_statuses_are_problems_wherever_they_stand),
      cmocka_unit_test(AT_23_a_later_update_or_certification_answers_a_problem_but_never_a_revocation),
      cmocka_unit_test(the_gravest_problem_is_named),
      cmocka_unit_test(retired_models_are_told_apart),
      cmocka_unit_test(the_newest_certification_in_effect_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
