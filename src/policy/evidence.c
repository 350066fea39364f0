#include "policy/evidence.h"

#include <string.h>

static const char *const purpose_names[] = {
    [PURPOSE_LOGIN] = "login",
    [PURPOSE_ENROL] = "enrol",
    [PURPOSE_STEP_UP] = "step_up",
    [PURPOSE_TRANSACTION] = "transaction",
};
#define PURPOSE_COUNT (sizeof purpose_names / sizeof purpose_names[0])

const char *purpose_name(purpose_t purpose)
{
  return (size_t)purpose < PURPOSE_COUNT ? purpose_names[purpose] : "unknown";
}

error_code_t purpose_parse(bytes_t text, purpose_t *ret_purpose)
{
  for (size_t i = 0; i < PURPOSE_COUNT; i++) {
    if (bytes_equal_string(text, purpose_names[i])) {
      *ret_purpose = (purpose_t)i;
      return ERR_NONE;
    }
  }
  return ERR_MALFORMED;
}

static bool is_lower(uint8_t c)
{
  return c >= 'a' && c <= 'z';
}

error_code_t domain_id_parse(bytes_t text, domain_id_t *ret_domain)
{
  if (text.len == 0 || text.len > DOMAIN_ID_MAX || !is_lower(text.data[0]))
    return ERR_MALFORMED;
  for (size_t i = 1; i < text.len; i++) {
    uint8_t c = text.data[i];
    if (!is_lower(c) && !(c >= '0' && c <= '9') && c != '-')
      return ERR_MALFORMED;
  }
  domain_id_t domain = {{0}};
  memcpy(domain.text, text.data, text.len);
  *ret_domain = domain;
  return ERR_NONE;
}

bool domain_id_equal(const domain_id_t *a, const domain_id_t *b)
{
  return strncmp(a->text, b->text, sizeof a->text) == 0;
}

bool domain_id_is_empty(const domain_id_t *domain)
{
  return domain->text[0] == '\0';
}

bool evidence_is_device_bound(const evidence_t *evidence)
{
  return !evidence->backup_eligible && !evidence->backed_up;
}

static bool same_place(const evidence_t *a, const evidence_t *b)
{
  return a->purpose == b->purpose && a->user_verified == b->user_verified &&
         a->verified_by_domain == b->verified_by_domain && domain_id_equal(&a->domain, &b->domain) &&
         memcmp(a->credential, b->credential, sizeof a->credential) == 0;
}

/* Where the new evidence goes: its own place, a free one, or that of the oldest. */
static evidence_t *place_for(evidence_set_t *set, const evidence_t *evidence)
{
  evidence_t *oldest = &set->items[0];
  for (size_t i = 0; i < set->count; i++) {
    evidence_t *item = &set->items[i];
    if (same_place(item, evidence))
      return item;
    if (item->time_ms < oldest->time_ms)
      oldest = item;
  }
  if (set->count < EVIDENCE_MAX) {
    evidence_t *free_place = &set->items[set->count++];
    free_place->time_ms = INT64_MIN;
    return free_place;
  }
  return oldest;
}

void evidence_set_add(evidence_set_t *set, const evidence_t *evidence)
{
  if (!evidence->user_present)
    return; /* it would count for nothing, and must not push out what counts */
  evidence_t *place = place_for(set, evidence);
  if (evidence->time_ms >= place->time_ms)
    *place = *evidence;
}
