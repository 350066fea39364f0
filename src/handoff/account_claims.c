#include "handoff/account_claims.h"

#include <string.h>

#include "base/text.h"

const account_claim_t account_claims[] = {
    {"name", "profile", ACCOUNT_CLAIM_TEXT, NULL},
    {"given_name", "profile", ACCOUNT_CLAIM_TEXT, NULL},
    {"family_name", "profile", ACCOUNT_CLAIM_TEXT, NULL},
    {"middle_name", "profile", ACCOUNT_CLAIM_TEXT, NULL},
    {"nickname", "profile", ACCOUNT_CLAIM_TEXT, NULL},
    {"preferred_username", "profile", ACCOUNT_CLAIM_TEXT, NULL},
    {"profile", "profile", ACCOUNT_CLAIM_LINK, NULL},
    {"picture", "profile", ACCOUNT_CLAIM_LINK, NULL},
    {"website", "profile", ACCOUNT_CLAIM_LINK, NULL},
    {"gender", "profile", ACCOUNT_CLAIM_TEXT, NULL},
    {"birthdate", "profile", ACCOUNT_CLAIM_DATE, NULL},
    {"zoneinfo", "profile", ACCOUNT_CLAIM_TEXT, NULL},
    {"locale", "profile", ACCOUNT_CLAIM_TEXT, NULL},
    {ACCOUNT_CLAIM_UPDATED_AT, "profile", ACCOUNT_CLAIM_TIME, NULL},
    {"email", "email", ACCOUNT_CLAIM_EMAIL, NULL},
    {"email_verified", "email", ACCOUNT_CLAIM_BOOLEAN, "email"},
    {"phone_number", "phone", ACCOUNT_CLAIM_PHONE, NULL},
    {"phone_number_verified", "phone", ACCOUNT_CLAIM_BOOLEAN, "phone_number"},
    {"address.formatted", "address", ACCOUNT_CLAIM_TEXT, NULL},
    {"address.street_address", "address", ACCOUNT_CLAIM_TEXT, NULL},
    {"address.locality", "address", ACCOUNT_CLAIM_TEXT, NULL},
    {"address.region", "address", ACCOUNT_CLAIM_TEXT, NULL},
    {"address.postal_code", "address", ACCOUNT_CLAIM_TEXT, NULL},
    {"address.country", "address", ACCOUNT_CLAIM_TEXT, NULL},
};
const size_t account_claim_count = sizeof account_claims / sizeof *account_claims;

const account_scope_t account_scopes[] = {
    {"profile", "See your name and profile", "氏名とプロフィールの確認"},
    {"email", "See your email address", "メールアドレスの確認"},
    {"address", "See your postal address", "住所の確認"},
    {"phone", "See your phone number", "電話番号の確認"},
};
const size_t account_scope_count = sizeof account_scopes / sizeof *account_scopes;

const account_claim_t *account_claim_find(bytes_t name)
{
  for (size_t i = 0; i < account_claim_count; i++)
    if (bytes_equal_string(name, account_claims[i].name))
      return &account_claims[i];
  return NULL;
}

const account_scope_t *account_scope_find(bytes_t name)
{
  for (size_t i = 0; i < account_scope_count; i++)
    if (bytes_equal_string(name, account_scopes[i].name))
      return &account_scopes[i];
  return NULL;
}

/* --- values --- */

static bool is_digit(uint8_t c)
{
  return c >= '0' && c <= '9';
}

static bool begins_with(bytes_t text, const char *start)
{
  size_t len = strlen(start);
  return text.len > len && memcmp(text.data, start, len) == 0;
}

static bool has_space(bytes_t text)
{
  return memchr(text.data, ' ', text.len) != NULL;
}

static bool is_link(bytes_t text)
{
  return (begins_with(text, "https://") || begins_with(text, "http://")) && !has_space(text);
}

/* One @ with something on both sides: whether mail arrives, a syntax cannot tell. */
static bool is_email(bytes_t text)
{
  const uint8_t *at = memchr(text.data, '@', text.len);
  if (at == NULL || has_space(text))
    return false;
  size_t before = (size_t)(at - text.data), after = text.len - before - 1;
  return before > 0 && after > 0 && memchr(at + 1, '@', after) == NULL;
}

/* OpenID Connect Core §5.1: E.164, an extension as RFC 3966 has it. */
static bool is_phone(bytes_t text)
{
  static const char extension[] = ";ext=";
  size_t digits = 0, at = 1;
  if (text.len < 2 || text.data[0] != '+')
    return false;
  for (; at < text.len && text.data[at] != ';'; at++) {
    if (is_digit(text.data[at]))
      digits++;
    else if (strchr(" -()", text.data[at]) == NULL)
      return false;
  }
  bytes_t rest = bytes_of(text.data + at, text.len - at);
  if (rest.len > 0 && !begins_with(rest, extension))
    return false;
  for (size_t i = rest.len > 0 ? sizeof extension - 1 : 0; i < rest.len; i++)
    if (!is_digit(rest.data[i]))
      return false;
  return digits >= 3 && digits <= 15;
}

static bool is_date(bytes_t text)
{
  if (text.len != 4 && text.len != 10)
    return false;
  for (size_t i = 0; i < text.len; i++)
    if (i == 4 || i == 7 ? text.data[i] != '-' : !is_digit(text.data[i]))
      return false;
  if (text.len == 4)
    return true;
  int month = (text.data[5] - '0') * 10 + text.data[6] - '0';
  int day = (text.data[8] - '0') * 10 + text.data[9] - '0';
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool is_time(bytes_t text)
{
  for (size_t i = 0; i < text.len; i++)
    if (!is_digit(text.data[i]))
      return false;
  return text.len <= 15;
}

bool account_claim_accepts(const account_claim_t *claim, bytes_t text)
{
  if (!text_is_printable(text, ACCOUNT_CLAIM_MAX))
    return false;
  switch (claim->kind) {
  case ACCOUNT_CLAIM_TEXT:
    return true;
  case ACCOUNT_CLAIM_LINK:
    return is_link(text);
  case ACCOUNT_CLAIM_EMAIL:
    return is_email(text);
  case ACCOUNT_CLAIM_PHONE:
    return is_phone(text);
  case ACCOUNT_CLAIM_DATE:
    return is_date(text);
  case ACCOUNT_CLAIM_BOOLEAN:
    return bytes_equal_string(text, "true") || bytes_equal_string(text, "false");
  case ACCOUNT_CLAIM_TIME:
    return is_time(text);
  }
  return false;
}

/* --- as JSON --- */

/* The object that holds the claim, and its name there; an address is made when it is missing. */
static json_t *place_of(json_t *claims, const account_claim_t *claim, bool make, const char **ret_member)
{
  const char *dot = strchr(claim->name, '.');
  *ret_member = dot != NULL ? dot + 1 : claim->name;
  if (dot == NULL)
    return claims;
  json_t *address = json_object_get(claims, ACCOUNT_CLAIM_ADDRESS);
  if (address == NULL && make &&
      json_object_set_new(claims, ACCOUNT_CLAIM_ADDRESS, address = json_object()) != 0)
    return NULL;
  return address;
}

static int64_t seconds_of(bytes_t text)
{
  int64_t seconds = 0;
  for (size_t i = 0; i < text.len; i++)
    seconds = seconds * 10 + (text.data[i] - '0');
  return seconds;
}

bool account_claim_put(json_t *claims, const account_claim_t *claim, bytes_t text)
{
  const char *member;
  json_t *place = place_of(claims, claim, true, &member);
  if (place == NULL)
    return false;
  if (claim->kind == ACCOUNT_CLAIM_BOOLEAN)
    return json_set_boolean(place, member, bytes_equal_string(text, "true"));
  if (claim->kind == ACCOUNT_CLAIM_TIME)
    return json_set_integer(place, member, seconds_of(text));
  return json_set_text(place, member, text);
}

static bool scope_is_among(const char *scope, bytes_t scopes)
{
  size_t len = strlen(scope);
  for (size_t at = 0; at + len <= scopes.len; at++) {
    bool begins = at == 0 || scopes.data[at - 1] == ' ';
    bool ends = at + len == scopes.len || scopes.data[at + len] == ' ';
    if (begins && ends && memcmp(scopes.data + at, scope, len) == 0)
      return true;
  }
  return false;
}

static bool value_fits(const account_claim_t *claim, const json_t *value)
{
  if (claim->kind == ACCOUNT_CLAIM_BOOLEAN)
    return json_is_boolean(value);
  if (claim->kind == ACCOUNT_CLAIM_TIME)
    return json_is_integer(value) && json_integer_value(value) >= 0;
  return json_is_string(value) &&
         account_claim_accepts(claim, bytes_of(json_string_value(value), json_string_length(value)));
}

json_t *account_claims_select(const json_t *claims, bytes_t scopes)
{
  CLEANUP(json_drop) json_t *selected = json_object();
  for (size_t i = 0; i < account_claim_count && selected != NULL; i++) {
    const account_claim_t *claim = &account_claims[i];
    const char *member;
    const json_t *from = place_of((json_t *)claims, claim, false, &member);
    json_t *value = json_object_get(from, member);
    if (value == NULL || !value_fits(claim, value) || !scope_is_among(claim->scope, scopes))
      continue;
    json_t *to = place_of(selected, claim, true, &member);
    if (to == NULL || json_object_set(to, member, value) != 0)
      return NULL;
  }
  return json_incref(selected);
}
