#include "cli/evidence_file.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

#define SECONDS_MOST ((int64_t)253402300799) /* the end of the year 9999 */

const uint8_t evidence_file_request[16] = "this request.";

typedef struct flag {
  const char *name;
  size_t offset;
  bool fallback;
} flag_t;

static const flag_t flags[] = {
    {"user_present", offsetof(evidence_t, user_present), true},
    {"user_verified", offsetof(evidence_t, user_verified), false},
    {"backup_eligible", offsetof(evidence_t, backup_eligible), false},
    {"backed_up", offsetof(evidence_t, backed_up), false},
    {"attested_hardware", offsetof(evidence_t, attested_hardware), false},
    {"verified_by_domain", offsetof(evidence_t, verified_by_domain), false},
};
#define FLAG_COUNT (sizeof flags / sizeof flags[0])

static const char *const others[] = {"time",         "age",    "purpose",     "domain",       "credential",
                                     "this_request", "aaguid", "attestation", "certification"};
#define OTHER_COUNT (sizeof others / sizeof others[0])

static bool is_known(const char *name)
{
  for (size_t i = 0; i < FLAG_COUNT; i++)
    if (strcmp(name, flags[i].name) == 0)
      return true;
  for (size_t i = 0; i < OTHER_COUNT; i++)
    if (strcmp(name, others[i]) == 0)
      return true;
  return false;
}

static error_code_t check_members(const json_t *entry, size_t index, error_detail_t *detail)
{
  const char *name;
  json_t *value;
  if (!json_is_object(entry))
    return error_because(detail, ERR_MALFORMED, "evidence %zu is not an object", index);
  json_object_foreach((json_t *)entry, name, value)
  {
    if (!is_known(name))
      return error_because(detail, ERR_MALFORMED, "evidence %zu has an unknown member %.40s", index, name);
  }
  return ERR_NONE;
}

error_code_t evidence_file_parse_time(bytes_t text, int64_t *ret_ms)
{
  int64_t seconds = 0;
  if (text_parse_time(text, ret_ms) == ERR_NONE)
    return ERR_NONE;
  if (text.len == 0 || text.len > 12)
    return ERR_MALFORMED;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < '0' || text.data[i] > '9')
      return ERR_MALFORMED;
    seconds = seconds * 10 + (text.data[i] - '0');
  }
  if (seconds > SECONDS_MOST)
    return ERR_MALFORMED;
  *ret_ms = SECONDS_MS(seconds);
  return ERR_NONE;
}

static error_code_t parse_time(const json_t *entry, int64_t now_ms, int64_t *ret_ms)
{
  const json_t *time = json_object_get(entry, "time"), *age = json_object_get(entry, "age");
  int64_t age_ms;
  if ((time == NULL) == (age == NULL))
    return ERR_MALFORMED;
  if (json_is_integer(time) && json_integer_value(time) >= 0 && json_integer_value(time) <= SECONDS_MOST) {
    *ret_ms = SECONDS_MS(json_integer_value(time));
    return ERR_NONE;
  }
  if (json_is_string(time))
    return text_parse_time(bytes_of_string(json_string_value(time)), ret_ms);
  if (!json_is_string(age) ||
      text_parse_duration(bytes_of_string(json_string_value(age)), &age_ms) != ERR_NONE)
    return ERR_MALFORMED;
  *ret_ms = now_ms - age_ms;
  return ERR_NONE;
}

static error_code_t parse_flags(const json_t *entry, evidence_t *evidence)
{
  bool this_request;
  for (size_t i = 0; i < FLAG_COUNT; i++) {
    bool value;
    if (json_get_boolean(entry, flags[i].name, flags[i].fallback, &value) != ERR_NONE)
      return ERR_MALFORMED;
    memcpy((char *)evidence + flags[i].offset, &value, sizeof value);
  }
  if (json_get_boolean(entry, "this_request", false, &this_request) != ERR_NONE)
    return ERR_MALFORMED;
  if (this_request)
    memcpy(evidence->request, evidence_file_request, sizeof evidence->request);
  return ERR_NONE;
}

static error_code_t parse_names(const json_t *entry, evidence_t *evidence)
{
  bytes_t purpose, domain, credential;
  if (json_get_text(entry, "purpose", &purpose) != ERR_NONE ||
      json_get_text(entry, "domain", &domain) != ERR_NONE ||
      json_get_text(entry, "credential", &credential) != ERR_NONE ||
      credential.len > sizeof evidence->credential)
    return ERR_MALFORMED;
  if (credential.len > 0)
    memcpy(evidence->credential, credential.data, credential.len);
  if (purpose.len > 0 && purpose_parse(purpose, &evidence->purpose) != ERR_NONE)
    return ERR_MALFORMED;
  return domain.len > 0 ? domain_id_parse(domain, &evidence->domain) : ERR_NONE;
}

static error_code_t parse_authenticator(const json_t *entry, authenticator_t *authenticator)
{
  bytes_t aaguid, attestation, certification;
  if (json_get_text(entry, "aaguid", &aaguid) != ERR_NONE ||
      json_get_text(entry, "attestation", &attestation) != ERR_NONE ||
      json_get_text(entry, "certification", &certification) != ERR_NONE)
    return ERR_MALFORMED;
  if ((aaguid.len > 0 && aaguid_parse(aaguid, &authenticator->aaguid) != ERR_NONE) ||
      (attestation.len > 0 && vouching_parse(attestation, &authenticator->vouching) != ERR_NONE))
    return ERR_MALFORMED;
  return certification.len > 0 ? certification_parse(certification, &authenticator->certification) : ERR_NONE;
}

static error_code_t parse_entry(const json_t *entry, size_t index, int64_t now_ms, evidence_t *ret_evidence,
                                error_detail_t *detail)
{
  evidence_t evidence = {.purpose = PURPOSE_LOGIN};
  error_code_t error = check_members(entry, index, detail);
  if (error != ERR_NONE)
    return error;
  if (parse_time(entry, now_ms, &evidence.time_ms) != ERR_NONE)
    return error_because(detail, ERR_MALFORMED,
                         "evidence %zu needs either time (RFC 3339 or seconds) or age (90s, 5m, 12h, 30d)",
                         index);
  if (parse_flags(entry, &evidence) != ERR_NONE)
    return error_because(detail, ERR_MALFORMED, "evidence %zu has a flag that is not true or false", index);
  if (parse_names(entry, &evidence) != ERR_NONE)
    return error_because(
        detail, ERR_MALFORMED,
        "evidence %zu: purpose is login, enrol, step_up or transaction, domain a domain's id, "
        "credential a text of at most 32 bytes",
        index);
  if (parse_authenticator(entry, &evidence.authenticator) != ERR_NONE)
    return error_because(
        detail, ERR_MALFORMED,
        "evidence %zu: aaguid is of the form 8-4-4-4-12, attestation none, self, basic, attca or anonca, "
        "certification none, L1, L1plus, L2, L2plus, L3 or L3plus",
        index);
  *ret_evidence = evidence;
  return ERR_NONE;
}

error_code_t evidence_file_parse(const json_t *array, int64_t now_ms, evidence_set_t *ret_evidence,
                                 error_detail_t *detail)
{
  evidence_set_t set = {.count = 0};
  if (!json_is_array(array))
    return error_because(detail, ERR_MALFORMED, "the evidence file is not a JSON array");
  for (size_t i = 0; i < json_array_size(array); i++) {
    evidence_t evidence;
    error_code_t error = parse_entry(json_array_get(array, i), i, now_ms, &evidence, detail);
    if (error != ERR_NONE)
      return error;
    evidence_set_add(&set, &evidence);
  }
  *ret_evidence = set;
  return ERR_NONE;
}
