#include "policy/authenticator.h"

#include <string.h>

static const char *const certification_names[CERTIFICATION_COUNT] = {"none",   "L1", "L1plus", "L2",
                                                                     "L2plus", "L3", "L3plus"};
static const char *const vouching_names[VOUCHING_COUNT] = {"none", "self", "basic", "attca", "anonca"};
static const char *const objection_names[] = {
    [OBJECTION_NONE] = "none",
    [OBJECTION_DENIED] = "denied",
    [OBJECTION_NOT_ALLOWED] = "not_allowed",
    [OBJECTION_UNVOUCHED] = "unvouched",
    [OBJECTION_VOUCHING] = "attestation",
    [OBJECTION_CERTIFICATION] = "certification",
};

static bool is_listed(const aaguid_t *list, size_t count, const aaguid_t *aaguid)
{
  for (size_t i = 0; i < count; i++)
    if (aaguid_equal(&list[i], aaguid))
      return true;
  return false;
}

/* Somebody other than the authenticator itself says what it is. */
static bool is_vouched(vouching_t vouching)
{
  return vouching != VOUCHING_NONE && vouching != VOUCHING_SELF;
}

authenticator_objection_t authenticator_rule_judge(const authenticator_rule_t *rule,
                                                   const authenticator_t *authenticator)
{
  if (is_listed(rule->deny, rule->deny_count, &authenticator->aaguid))
    return OBJECTION_DENIED;
  if (rule->allow_count > 0) {
    if (!is_listed(rule->allow, rule->allow_count, &authenticator->aaguid))
      return OBJECTION_NOT_ALLOWED;
    if (!rule->allow_unvouched && !is_vouched(authenticator->vouching))
      return OBJECTION_UNVOUCHED;
  }
  if (rule->vouching != 0 && (rule->vouching & (1U << authenticator->vouching)) == 0)
    return OBJECTION_VOUCHING;
  return authenticator->certification < rule->certification ? OBJECTION_CERTIFICATION : OBJECTION_NONE;
}

const char *authenticator_objection_name(authenticator_objection_t objection)
{
  return objection_names[objection];
}

bool authenticator_rule_is_empty(const authenticator_rule_t *rule)
{
  return rule->allow_count == 0 && rule->deny_count == 0 && rule->certification == CERTIFICATION_NONE &&
         rule->vouching == 0;
}

bool authenticator_rule_needs_vouching(const authenticator_rule_t *rule)
{
  return (rule->allow_count > 0 && !rule->allow_unvouched) || rule->certification != CERTIFICATION_NONE ||
         (rule->vouching != 0 && (rule->vouching & (1U << VOUCHING_NONE)) == 0);
}

/* The models that a rule lets through by its lists: is each of stronger's one of weaker's? */
static bool lists_imply(const authenticator_rule_t *stronger, const authenticator_rule_t *weaker)
{
  if (weaker->allow_count > 0 && stronger->allow_count == 0)
    return false;
  for (size_t i = 0; i < stronger->allow_count && weaker->allow_count > 0; i++)
    if (!is_listed(weaker->allow, weaker->allow_count, &stronger->allow[i]) &&
        !is_listed(stronger->deny, stronger->deny_count, &stronger->allow[i]))
      return false;
  for (size_t i = 0; i < weaker->deny_count; i++) {
    const aaguid_t *denied = &weaker->deny[i];
    bool lets_through =
        stronger->allow_count == 0 || is_listed(stronger->allow, stronger->allow_count, denied);
    if (lets_through && !is_listed(stronger->deny, stronger->deny_count, denied))
      return false;
  }
  return true;
}

bool authenticator_rule_implies(const authenticator_rule_t *stronger, const authenticator_rule_t *weaker)
{
  const unsigned vouched = (1U << VOUCHING_BASIC) | (1U << VOUCHING_ATT_CA) | (1U << VOUCHING_ANON_CA);
  const unsigned all = (1U << VOUCHING_COUNT) - 1;
  unsigned strong = stronger->vouching != 0 ? stronger->vouching : all;
  unsigned weak = weaker->vouching != 0 ? weaker->vouching : all;
  if (stronger->allow_count > 0 && !stronger->allow_unvouched)
    strong &= vouched;
  if (weaker->allow_count > 0 && !weaker->allow_unvouched)
    weak &= vouched;
  return (strong & ~weak) == 0 && stronger->certification >= weaker->certification &&
         lists_imply(stronger, weaker);
}

/* The index of text among names, or count. */
static size_t index_of(bytes_t text, const char *const *names, size_t count)
{
  size_t i = 0;
  while (i < count && !bytes_equal_string(text, names[i]))
    i++;
  return i;
}

const char *certification_name(certification_t certification)
{
  return certification_names[certification];
}

error_code_t certification_parse(bytes_t text, certification_t *ret_certification)
{
  size_t index = index_of(text, certification_names, CERTIFICATION_COUNT);
  if (index == CERTIFICATION_COUNT)
    return ERR_MALFORMED;
  *ret_certification = (certification_t)index;
  return ERR_NONE;
}

const char *vouching_name(vouching_t vouching)
{
  return vouching_names[vouching];
}

error_code_t vouching_parse(bytes_t text, vouching_t *ret_vouching)
{
  size_t index = index_of(text, vouching_names, VOUCHING_COUNT);
  if (index == VOUCHING_COUNT)
    return ERR_MALFORMED;
  *ret_vouching = (vouching_t)index;
  return ERR_NONE;
}

static int hex_value(uint8_t digit)
{
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  uint8_t lower = digit | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Of a text's hyphens, and of bytes in front of them. */
static bool is_hyphen_at(size_t at)
{
  return at == 8 || at == 13 || at == 18 || at == 23;
}

error_code_t aaguid_parse(bytes_t text, aaguid_t *ret_aaguid)
{
  aaguid_t aaguid = {{0}};
  size_t digits = 0;
  if (text.len != AAGUID_TEXT_LENGTH)
    return ERR_MALFORMED;
  for (size_t i = 0; i < text.len; i++) {
    if (is_hyphen_at(i)) {
      if (text.data[i] != '-')
        return ERR_MALFORMED;
      continue;
    }
    int value = hex_value(text.data[i]);
    if (value < 0)
      return ERR_MALFORMED;
    aaguid.bytes[digits / 2] = (uint8_t)(aaguid.bytes[digits / 2] << 4 | value);
    digits++;
  }
  *ret_aaguid = aaguid;
  return ERR_NONE;
}

void aaguid_write(const aaguid_t *aaguid, char ret_text[AAGUID_TEXT_LENGTH + 1])
{
  static const char hex[] = "0123456789abcdef";
  size_t digits = 0;
  for (size_t i = 0; i < AAGUID_TEXT_LENGTH; i++) {
    if (is_hyphen_at(i)) {
      ret_text[i] = '-';
      continue;
    }
    uint8_t byte = aaguid->bytes[digits / 2];
    ret_text[i] = hex[digits % 2 == 0 ? byte >> 4 : byte & 15];
    digits++;
  }
  ret_text[AAGUID_TEXT_LENGTH] = '\0';
}

bool aaguid_equal(const aaguid_t *a, const aaguid_t *b)
{
  return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}
