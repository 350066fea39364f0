#include "metadata/metadata_status.h"

#include <openssl/err.h>

#include "webauthn/certificate.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static const char *const NAMES[] = {
    [STATUS_UNKNOWN] = "unknown",
    [STATUS_NOT_FIDO_CERTIFIED] = "NOT_FIDO_CERTIFIED",
    [STATUS_SELF_ASSERTION_SUBMITTED] = "SELF_ASSERTION_SUBMITTED",
    [STATUS_FIDO_CERTIFIED] = "FIDO_CERTIFIED",
    [STATUS_FIDO_CERTIFIED_L1] = "FIDO_CERTIFIED_L1",
    [STATUS_FIDO_CERTIFIED_L1PLUS] = "FIDO_CERTIFIED_L1plus",
    [STATUS_FIDO_CERTIFIED_L2] = "FIDO_CERTIFIED_L2",
    [STATUS_FIDO_CERTIFIED_L2PLUS] = "FIDO_CERTIFIED_L2plus",
    [STATUS_FIDO_CERTIFIED_L3] = "FIDO_CERTIFIED_L3",
    [STATUS_FIDO_CERTIFIED_L3PLUS] = "FIDO_CERTIFIED_L3plus",
    [STATUS_UPDATE_AVAILABLE] = "UPDATE_AVAILABLE",
    [STATUS_RETIRED] = "RETIRED",
    [STATUS_USER_VERIFICATION_BYPASS] = "USER_VERIFICATION_BYPASS",
    [STATUS_ATTESTATION_KEY_COMPROMISE] = "ATTESTATION_KEY_COMPROMISE",
    [STATUS_USER_KEY_REMOTE_COMPROMISE] = "USER_KEY_REMOTE_COMPROMISE",
    [STATUS_USER_KEY_PHYSICAL_COMPROMISE] = "USER_KEY_PHYSICAL_COMPROMISE",
    [STATUS_REVOKED] = "REVOKED",
};

const char *metadata_status_name(metadata_status_t status)
{
  return NAMES[status];
}

metadata_status_t metadata_status_parse(bytes_t name)
{
  for (metadata_status_t status = STATUS_REVOKED; status > STATUS_UNKNOWN; status--)
    if (bytes_equal_string(name, NAMES[status]))
      return status;
  return STATUS_UNKNOWN;
}

static bool read_digits(reader_t *reader, int count, int *ret_number)
{
  *ret_number = 0;
  for (int i = 0; i < count; i++) {
    uint8_t c = reader_u8(reader);
    if (c < '0' || c > '9')
      return false;
    *ret_number = *ret_number * 10 + (c - '0');
  }
  return true;
}

/* Days since 1970 of the proleptic Gregorian calendar; March begins the year, so that leap days end it. */
static int64_t days_since_1970(int year, int month, int day)
{
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int64_t leap_days = y / 4 - y / 100 + y / 400;
  return y * 365 + leap_days + day_of_year - 719468;
}

static int days_of_month(int year, int month)
{
  static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return DAYS[month - 1] + (month == 2 && leap ? 1 : 0);
}

error_code_t metadata_date_parse(bytes_t text, int64_t *ret_ms)
{
  reader_t reader = reader_over(text);
  int year, month, day;
  if (!read_digits(&reader, 4, &year) || reader_u8(&reader) != '-' || !read_digits(&reader, 2, &month) ||
      reader_u8(&reader) != '-' || !read_digits(&reader, 2, &day) || !reader_done(&reader) || year < 1970 ||
      month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
    return ERR_MALFORMED;
  *ret_ms = days_since_1970(year, month, day) * DAY_MS;
  return ERR_NONE;
}

static bool is_problem(metadata_status_t status)
{
  return status >= STATUS_USER_VERIFICATION_BYPASS;
}

static bool is_certification(metadata_status_t status)
{
  return status >= STATUS_NOT_FIDO_CERTIFIED && status <= STATUS_FIDO_CERTIFIED_L3PLUS;
}

static bool answers_problems(metadata_status_t status)
{
  return status >= STATUS_FIDO_CERTIFIED && status <= STATUS_UPDATE_AVAILABLE;
}

static certification_t certification_of(metadata_status_t status)
{
  return status < STATUS_FIDO_CERTIFIED_L1
             ? CERTIFICATION_NONE
             : (certification_t)(CERTIFICATION_L1 + (status - STATUS_FIDO_CERTIFIED_L1));
}

/* The certificate of a batch is the attestation certificate itself, one in its chain, or one that issued the
 * last of the chain. */
static bool chain_has(const attestation_chain_t *chain, bytes_t certificate)
{
  CLEANUP(x509_drop) X509 *named = NULL, *last = NULL;
  for (size_t i = 0; i < chain->count; i++)
    if (bytes_equal(chain->certificates[i], certificate))
      return true;
  if (certificate_parse(certificate, &named, NULL) != ERR_NONE ||
      certificate_parse(chain->certificates[chain->count - 1], &last, NULL) != ERR_NONE)
    return true; /* not to be told apart */
  bool issued = X509_NAME_cmp(X509_get_subject_name(named), X509_get_issuer_name(last)) == 0 &&
                X509_verify(last, X509_get0_pubkey(named)) == 1;
  ERR_clear_error();
  return issued;
}

static bool concerns(const metadata_report_t *report, const attestation_chain_t *chain)
{
  return report->certificate.len == 0 || chain == NULL || chain->count == 0 ||
         chain_has(chain, report->certificate);
}

static bool is_answered(const metadata_report_t *problem, const metadata_report_t *reports, size_t count,
                        int64_t time_ms)
{
  if (problem->status == STATUS_REVOKED || problem->effective_ms == DATE_NONE)
    return false;
  for (size_t i = 0; i < count; i++)
    if (answers_problems(reports[i].status) && reports[i].effective_ms > problem->effective_ms &&
        reports[i].effective_ms <= time_ms)
      return true;
  return false;
}

/* The newest certification report in effect; of several of one day the highest. */
static certification_t certification_at(const metadata_report_t *reports, size_t count, int64_t time_ms)
{
  const metadata_report_t *newest = NULL;
  for (size_t i = 0; i < count; i++) {
    const metadata_report_t *report = &reports[i];
    bool in_effect = is_certification(report->status) && report->effective_ms <= time_ms &&
                     (report->sunset_ms == DATE_NONE || time_ms < report->sunset_ms);
    if (in_effect && (newest == NULL || report->effective_ms > newest->effective_ms ||
                      (report->effective_ms == newest->effective_ms && report->status > newest->status)))
      newest = report;
  }
  return newest != NULL ? certification_of(newest->status) : CERTIFICATION_NONE;
}

metadata_standing_t metadata_standing(const metadata_report_t *reports, size_t count,
                                      const attestation_chain_t *chain, int64_t time_ms)
{
  metadata_standing_t standing = {.certification = certification_at(reports, count, time_ms)};
  for (size_t i = 0; i < count; i++) {
    const metadata_report_t *report = &reports[i];
    bool counts = (is_problem(report->status) || report->status == STATUS_RETIRED) &&
                  !is_answered(report, reports, count, time_ms) && concerns(report, chain);
    if (counts && report->status == STATUS_RETIRED)
      standing.retired = true;
    else if (counts && report->status > standing.problem)
      standing.problem = report->status;
  }
  if (standing.problem != STATUS_UNKNOWN)
    standing.certification = CERTIFICATION_NONE;
  return standing;
}
