#include <string.h>

#include "webauthn/extensions.h"

#define APPID_MAX_LENGTH 1024
#define SECRET_INPUT_MAX_LENGTH 512 /* base64url of a prf or hmac-secret input: browsers hash it anyway */
#define PRF_CREDENTIALS_MAX 64
#define BLOB_MAX_LENGTH 8192
#define CRED_BLOB_MAX_LENGTH 1024

/* What a check finds: nothing is asked by false. */
typedef enum input_verdict { INPUT_BAD, INPUT_IDLE, INPUT_ASKS } input_verdict_t;

typedef struct input {
  const json_t *value;
  extension_ceremony_t ceremony;
  extension_terms_t *terms;
} input_t;

typedef struct input_row {
  const char *name;
  unsigned ceremonies; /* extension_ceremony_t */
  extension_t extension;
  input_verdict_t (*check)(const input_t *input);
  const char *words; /* what it must be */
} input_row_t;

static const char *const POLICIES[CRED_PROTECT_MAX + 1] = {NULL, "userVerificationOptional",
                                                           "userVerificationOptionalWithCredentialIDList",
                                                           "userVerificationRequired"};

const char *cred_protect_name(int policy)
{
  return policy >= 1 && policy <= CRED_PROTECT_MAX ? POLICIES[policy] : NULL;
}

/* Canonical base64url by its alphabet and length: what it says is for the authenticator. */
static bool is_base64url(const json_t *value, size_t least, size_t most)
{
  if (!json_is_string(value))
    return false;
  const char *text = json_string_value(value);
  size_t len = json_string_length(value);
  if (len < least || len > most || len % 4 == 1)
    return false;
  for (size_t i = 0; i < len; i++) {
    char c = text[i];
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
      return false;
  }
  return true;
}

static input_verdict_t check_boolean(const input_t *input)
{
  if (!json_is_boolean(input->value))
    return INPUT_BAD;
  return json_is_true(input->value) ? INPUT_ASKS : INPUT_IDLE;
}

static input_verdict_t check_appid(const input_t *input)
{
  size_t len = json_string_length(input->value);
  return json_is_string(input->value) && len > 0 && len <= APPID_MAX_LENGTH ? INPUT_ASKS : INPUT_BAD;
}

static input_verdict_t check_policy(const input_t *input)
{
  for (int i = 1; i <= CRED_PROTECT_MAX && json_is_string(input->value); i++)
    if (strcmp(POLICIES[i], json_string_value(input->value)) == 0) {
      input->terms->cred_protect = i;
      return INPUT_ASKS;
    }
  return INPUT_BAD;
}

static input_verdict_t check_enforce(const input_t *input)
{
  if (!json_is_boolean(input->value))
    return INPUT_BAD;
  input->terms->cred_protect_enforced = json_is_true(input->value);
  return INPUT_IDLE; /* it qualifies the policy */
}

static input_verdict_t check_cred_blob(const input_t *input)
{
  return is_base64url(input->value, 0, CRED_BLOB_MAX_LENGTH) ? INPUT_ASKS : INPUT_BAD;
}

/* {"first": bytes, "second": bytes?}, or CTAP's {"salt1", "salt2"?}. */
static bool is_pair(const json_t *value, const char *first, const char *second)
{
  const json_t *other = json_object_get(value, second);
  return json_is_object(value) && is_base64url(json_object_get(value, first), 0, SECRET_INPUT_MAX_LENGTH) &&
         (other == NULL || is_base64url(other, 0, SECRET_INPUT_MAX_LENGTH));
}

static input_verdict_t check_salts(const input_t *input)
{
  return is_pair(input->value, "salt1", "salt2") ? INPUT_ASKS : INPUT_BAD;
}

/* L3 §10.1.4: evalByCredential is for get() alone, and its keys are credential ids. */
static input_verdict_t check_prf(const input_t *input)
{
  if (!json_is_object(input->value))
    return INPUT_BAD;
  const json_t *eval = json_object_get(input->value, "eval");
  json_t *each = json_object_get(input->value, "evalByCredential"), *values;
  if (eval != NULL && !is_pair(eval, "first", "second"))
    return INPUT_BAD;
  if (each == NULL)
    return INPUT_ASKS;
  if (!json_is_object(each) || input->ceremony != EXTENSION_AT_GET ||
      json_object_size(each) > PRF_CREDENTIALS_MAX)
    return INPUT_BAD;
  const char *id;
  json_object_foreach(each, id, values)
  {
    if (id[0] == '\0' || !is_pair(values, "first", "second"))
      return INPUT_BAD;
  }
  return INPUT_ASKS;
}

/* L3 §10.1.5: support in create(), one of read and write in get(). */
static input_verdict_t check_large_blob(const input_t *input)
{
  const json_t *support = json_object_get(input->value, "support"),
               *read = json_object_get(input->value, "read"), *write = json_object_get(input->value, "write");
  if (!json_is_object(input->value))
    return INPUT_BAD;
  if (input->ceremony == EXTENSION_AT_CREATE) {
    const char *word = support != NULL ? json_string_value(support) : "preferred";
    bool good = word != NULL && (strcmp(word, "required") == 0 || strcmp(word, "preferred") == 0);
    return good && read == NULL && write == NULL ? INPUT_ASKS : INPUT_BAD;
  }
  if (support != NULL || (read == NULL) == (write == NULL))
    return INPUT_BAD;
  bool good = read != NULL ? json_is_boolean(read) : is_base64url(write, 0, BLOB_MAX_LENGTH);
  return good ? INPUT_ASKS : INPUT_BAD;
}

static input_verdict_t check_object(const input_t *input)
{
  return json_is_object(input->value) ? INPUT_ASKS : INPUT_BAD;
}

#define CREATE EXTENSION_AT_CREATE
#define GET EXTENSION_AT_GET
#define BOOLEAN_WORDS "true or false"

static const input_row_t ROWS[] = {
    {"appid", GET, EXTENSION_APPID, check_appid, "a text of at most 1024 bytes"},
    {"appidExclude", CREATE, EXTENSION_APPID_EXCLUDE, check_appid, "a text of at most 1024 bytes"},
    {"credBlob", CREATE, EXTENSION_CRED_BLOB, check_cred_blob, "base64url of at most 768 bytes"},
    {"getCredBlob", GET, EXTENSION_CRED_BLOB, check_boolean, BOOLEAN_WORDS},
    {"credProps", CREATE, EXTENSION_CRED_PROPS, check_boolean, BOOLEAN_WORDS},
    {"credentialProtectionPolicy", CREATE, EXTENSION_CRED_PROTECT, check_policy,
     "userVerificationOptional, userVerificationOptionalWithCredentialIDList or userVerificationRequired"},
    {"enforceCredentialProtectionPolicy", CREATE, EXTENSION_CRED_PROTECT, check_enforce, BOOLEAN_WORDS},
    {"hmacCreateSecret", CREATE, EXTENSION_HMAC_SECRET, check_boolean, BOOLEAN_WORDS},
    {"hmacGetSecret", CREATE | GET, EXTENSION_HMAC_SECRET, check_salts,
     "an object of salt1 and perhaps salt2 in base64url"},
    {"largeBlob", CREATE | GET, EXTENSION_LARGE_BLOB, check_large_blob,
     "{support: required or preferred} in create(), {read: true} or {write: base64url} in get()"},
    {"minPinLength", CREATE, EXTENSION_MIN_PIN_LENGTH, check_boolean, BOOLEAN_WORDS},
    {"payment", CREATE | GET, EXTENSION_PAYMENT, check_object, "an object"},
    {"prf", CREATE | GET, EXTENSION_PRF, check_prf,
     "{eval: {first, second}} in base64url, in get() also evalByCredential by credential id"},
    {"uvm", CREATE | GET, EXTENSION_UVM, check_boolean, BOOLEAN_WORDS},
};

static const input_row_t *find_row(const char *name, extension_ceremony_t ceremony)
{
  for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
    if ((ROWS[i].ceremonies & ceremony) != 0 && strcmp(ROWS[i].name, name) == 0)
      return &ROWS[i];
  return NULL;
}

error_code_t extensions_check_inputs(const json_t *inputs, extension_ceremony_t ceremony,
                                     extension_terms_t *ret_terms, error_detail_t *detail)
{
  extension_terms_t terms = {.refuse_unsolicited = ret_terms->refuse_unsolicited};
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)inputs, name, value)
  { /* jansson's iterator takes no const */
    const input_row_t *row = find_row(name, ceremony);
    if (row == NULL) {
      terms.others_asked = true;
      continue;
    }
    const input_t input = {value, ceremony, &terms};
    input_verdict_t verdict = row->check(&input);
    if (verdict == INPUT_BAD)
      return error_because(detail, ERR_EXTENSION_INPUT, "%s must be %s", name, row->words);
    if (verdict == INPUT_ASKS)
      terms.asked |= EXTENSION_BIT(row->extension);
  }
  *ret_terms = terms;
  return ERR_NONE;
}
