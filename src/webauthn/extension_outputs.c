#include <string.h>

#include "crypto/cbor_walk.h"
#include "webauthn/extensions.h"

#define PIN_LENGTH_MAX 63 /* CTAP 2.1 §6.4: code points of a PIN */
#define BLOB_MAX_LENGTH (48 * 1024)
#define SECRET_MAX_LENGTH 128 /* base64url of an output of prf or hmac-secret */
#define CBOR_FALSE 20
#define CBOR_TRUE 21

/* --- the client's, in JSON --- */

typedef struct client_row {
  const char *name;
  unsigned ceremonies; /* extension_ceremony_t */
  extension_t extension;
  bool (*parse)(const json_t *value, extension_outputs_t *outputs); /* false: not of its type */
  const char *words;
} client_row_t;

static said_t said(bool yes)
{
  return yes ? SAID_YES : SAID_NO;
}

/* False: the member is there and no boolean. */
static bool take_boolean(const json_t *object, const char *name, said_t *ret_said)
{
  const json_t *value = json_object_get(object, name);
  if (value == NULL)
    return true;
  *ret_said = said(json_is_true(value));
  return json_is_boolean(value);
}

static bool is_secret(const json_t *value, size_t most)
{
  return json_is_string(value) && json_string_length(value) <= most;
}

static bool parse_appid(const json_t *value, extension_outputs_t *outputs)
{
  outputs->appid = json_is_true(value);
  return json_is_boolean(value);
}

static bool parse_boolean(const json_t *value, extension_outputs_t *outputs)
{
  (void)outputs;
  return json_is_boolean(value);
}

static bool parse_blob(const json_t *value, extension_outputs_t *outputs)
{
  (void)outputs;
  return is_secret(value, BLOB_MAX_LENGTH);
}

static bool parse_cred_props(const json_t *value, extension_outputs_t *outputs)
{
  return json_is_object(value) && take_boolean(value, "rk", &outputs->discoverable);
}

static bool is_pair(const json_t *value, const char *first, const char *second)
{
  const json_t *other = json_object_get(value, second);
  return json_is_object(value) && is_secret(json_object_get(value, first), SECRET_MAX_LENGTH) &&
         (other == NULL || is_secret(other, SECRET_MAX_LENGTH));
}

static bool parse_secrets(const json_t *value, extension_outputs_t *outputs)
{
  (void)outputs;
  return is_pair(value, "output1", "output2");
}

static bool parse_prf(const json_t *value, extension_outputs_t *outputs)
{
  const json_t *results = json_object_get(value, "results");
  return json_is_object(value) && take_boolean(value, "enabled", &outputs->prf) &&
         (results == NULL || is_pair(results, "first", "second"));
}

static bool parse_large_blob(const json_t *value, extension_outputs_t *outputs)
{
  said_t written = SAID_NOTHING;
  const json_t *blob = json_object_get(value, "blob");
  return json_is_object(value) && take_boolean(value, "supported", &outputs->large_blob) &&
         take_boolean(value, "written", &written) && (blob == NULL || is_secret(blob, BLOB_MAX_LENGTH));
}

static bool parse_uvm_number(const json_t *entry, size_t index, uint32_t *ret_number)
{
  const json_t *number = json_array_get(entry, index);
  if (!json_is_integer(number) || json_integer_value(number) < 0 || json_integer_value(number) > UINT32_MAX)
    return false;
  *ret_number = (uint32_t)json_integer_value(number);
  return true;
}

static bool parse_uvm(const json_t *value, extension_outputs_t *outputs)
{
  size_t count = json_array_size(value);
  if (count == 0 || count > UVM_MAX)
    return false;
  for (size_t i = 0; i < count; i++) {
    const json_t *entry = json_array_get(value, i);
    uvm_entry_t *uvm = &outputs->uvm[i];
    if (json_array_size(entry) != 3 || !parse_uvm_number(entry, 0, &uvm->method) ||
        !parse_uvm_number(entry, 1, &uvm->key_protection) ||
        !parse_uvm_number(entry, 2, &uvm->matcher_protection))
      return false;
  }
  outputs->uvm_count = count;
  return true;
}

static bool parse_object(const json_t *value, extension_outputs_t *outputs)
{
  (void)outputs;
  return json_is_object(value);
}

#define CREATE EXTENSION_AT_CREATE
#define GET EXTENSION_AT_GET
#define BOOLEAN_WORDS "true or false"

static const client_row_t CLIENT_ROWS[] = {
    {"appid", GET, EXTENSION_APPID, parse_appid, BOOLEAN_WORDS},
    {"appidExclude", CREATE, EXTENSION_APPID_EXCLUDE, parse_boolean, BOOLEAN_WORDS},
    {"credBlob", CREATE, EXTENSION_CRED_BLOB, parse_boolean, BOOLEAN_WORDS},
    {"getCredBlob", GET, EXTENSION_CRED_BLOB, parse_blob, "base64url"},
    {"credProps", CREATE, EXTENSION_CRED_PROPS, parse_cred_props, "an object whose rk is true or false"},
    {"hmacCreateSecret", CREATE, EXTENSION_HMAC_SECRET, parse_boolean, BOOLEAN_WORDS},
    {"hmacGetSecret", CREATE | GET, EXTENSION_HMAC_SECRET, parse_secrets,
     "an object of output1 and perhaps output2 in base64url"},
    {"largeBlob", CREATE | GET, EXTENSION_LARGE_BLOB, parse_large_blob,
     "an object whose supported and written are true or false, and blob base64url"},
    {"payment", CREATE | GET, EXTENSION_PAYMENT, parse_object, "an object"},
    {"prf", CREATE | GET, EXTENSION_PRF, parse_prf,
     "an object whose enabled is true or false, and results first and perhaps second in base64url"},
    {"uvm", CREATE | GET, EXTENSION_UVM, parse_uvm, "one to three arrays of three numbers"},
};

static const client_row_t *find_client_row(const char *name, extension_ceremony_t ceremony)
{
  for (size_t i = 0; i < sizeof(CLIENT_ROWS) / sizeof(CLIENT_ROWS[0]); i++)
    if ((CLIENT_ROWS[i].ceremonies & ceremony) != 0 && strcmp(CLIENT_ROWS[i].name, name) == 0)
      return &CLIENT_ROWS[i];
  return NULL;
}

extension_outputs_t extensions_parse_client(const json_t *results, extension_ceremony_t ceremony)
{
  extension_outputs_t outputs = {0};
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)results, name, value)
  { /* jansson's iterator takes no const */
    const client_row_t *row = find_client_row(name, ceremony);
    extension_outputs_t read = outputs;
    if (row == NULL) {
      outputs.client_others = true;
      continue;
    }
    if (row->parse(value, &read))
      outputs = read;
    else
      outputs.client_malformed |= EXTENSION_BIT(row->extension);
    outputs.client |= EXTENSION_BIT(row->extension);
  }
  return outputs;
}

/* --- the authenticator's, in CBOR --- */

typedef struct authenticator_row {
  const char *name;
  unsigned ceremonies;
  extension_set_t asked_by;                                      /* any of these asks for it */
  bool asked_by_clients;                                         /* browsers ask for it on their own */
  bool (*parse)(reader_t *reader, extension_outputs_t *outputs); /* false: not of its type */
  const char *words;
} authenticator_row_t;

static bool read_boolean(reader_t *reader, bool *ret_value)
{
  cbor_value_t item = cbor_read(reader);
  *ret_value = item.value == CBOR_TRUE;
  return item.kind == CBOR_KIND_SIMPLE && (item.value == CBOR_TRUE || item.value == CBOR_FALSE);
}

static bool read_unsigned(reader_t *reader, uint64_t least, uint64_t most, uint64_t *ret_value)
{
  cbor_value_t item = cbor_read(reader);
  *ret_value = item.value;
  return item.kind == CBOR_KIND_UNSIGNED && item.value >= least && item.value <= most;
}

static bool read_bytes(reader_t *reader, extension_outputs_t *outputs)
{
  (void)outputs;
  return cbor_read(reader).kind == CBOR_KIND_BYTES;
}

static bool read_cred_protect(reader_t *reader, extension_outputs_t *outputs)
{
  uint64_t policy;
  if (!read_unsigned(reader, 1, CRED_PROTECT_MAX, &policy))
    return false;
  outputs->cred_protect = (int)policy;
  return true;
}

static bool read_min_pin_length(reader_t *reader, extension_outputs_t *outputs)
{
  uint64_t length;
  if (!read_unsigned(reader, 1, PIN_LENGTH_MAX, &length))
    return false;
  outputs->min_pin_length = (int)length;
  return true;
}

/* What prf means to the authenticator; a client that says nothing about prf leaves it as the answer. */
static bool read_hmac_secret(reader_t *reader, extension_outputs_t *outputs)
{
  bool enabled;
  if (!read_boolean(reader, &enabled))
    return false;
  if (outputs->prf == SAID_NOTHING)
    outputs->prf = said(enabled);
  return true;
}

static bool read_yes_or_no(reader_t *reader, extension_outputs_t *outputs)
{
  bool value;
  (void)outputs;
  return read_boolean(reader, &value);
}

static bool read_uvm(reader_t *reader, extension_outputs_t *outputs)
{
  cbor_value_t array = cbor_read(reader);
  if (array.kind != CBOR_KIND_ARRAY || array.value == 0 || array.value > UVM_MAX)
    return false;
  for (size_t i = 0; i < array.value; i++) {
    uint64_t numbers[3];
    cbor_value_t entry = cbor_read(reader);
    if (entry.kind != CBOR_KIND_ARRAY || entry.value != 3)
      return false;
    for (size_t j = 0; j < 3; j++)
      if (!read_unsigned(reader, 0, UINT32_MAX, &numbers[j]))
        return false;
    outputs->uvm[i] = (uvm_entry_t){(uint32_t)numbers[0], (uint32_t)numbers[1], (uint32_t)numbers[2]};
  }
  outputs->uvm_count = (size_t)array.value;
  return true;
}

#define SECRETS (EXTENSION_BIT(EXTENSION_PRF) | EXTENSION_BIT(EXTENSION_HMAC_SECRET))
#define ONLY(name) EXTENSION_BIT(EXTENSION_##name)

/* Chromium asks for credProtect by itself whenever a discoverable credential is made, and any client may
 * prepare a key for prf. */
static const authenticator_row_t AUTHENTICATOR_ROWS[] = {
    {"credBlob", CREATE, ONLY(CRED_BLOB), false, read_yes_or_no, BOOLEAN_WORDS},
    {"credBlob", GET, ONLY(CRED_BLOB), false, read_bytes, "a byte string"},
    {"credProtect", CREATE, ONLY(CRED_PROTECT), true, read_cred_protect, "1, 2 or 3"},
    {"hmac-secret", CREATE, SECRETS, true, read_hmac_secret, BOOLEAN_WORDS},
    {"hmac-secret", GET, SECRETS, false, read_bytes, "a byte string"},
    {"hmac-secret-mc", CREATE, SECRETS, false, read_bytes, "a byte string"},
    {"minPinLength", CREATE, ONLY(MIN_PIN_LENGTH), false, read_min_pin_length, "1 to 63"},
    {"thirdPartyPayment", CREATE | GET, ONLY(PAYMENT), false, read_yes_or_no, BOOLEAN_WORDS},
    {"uvm", CREATE | GET, ONLY(UVM), false, read_uvm, "one to three arrays of three numbers"},
};

static const authenticator_row_t *find_authenticator_row(const cbor_value_t *name,
                                                         extension_ceremony_t ceremony)
{
  for (size_t i = 0; i < sizeof(AUTHENTICATOR_ROWS) / sizeof(AUTHENTICATOR_ROWS[0]); i++)
    if ((AUTHENTICATOR_ROWS[i].ceremonies & ceremony) != 0 &&
        cbor_value_is_text(name, AUTHENTICATOR_ROWS[i].name))
      return &AUTHENTICATOR_ROWS[i];
  return NULL;
}

static error_code_t unsolicited(const extension_terms_t *terms, const char *whose, bytes_t name,
                                error_detail_t *detail)
{
  if (!terms->refuse_unsolicited)
    return ERR_NONE;
  return error_because(detail, ERR_EXTENSION, "the %s's output %.*s was not asked for", whose,
                       (int)(name.len < 40 ? name.len : 40), (const char *)name.data);
}

/* One output. What nobody asked for is not even read. */
static error_code_t judge_authenticator_output(const extension_terms_t *terms, const authenticator_row_t *row,
                                               const cbor_value_t *name, bytes_t value,
                                               extension_outputs_t *outputs, error_detail_t *detail)
{
  if (row == NULL)
    return terms->others_asked ? ERR_NONE : unsolicited(terms, "authenticator", name->string, detail);
  if ((terms->asked & row->asked_by) == 0 && !row->asked_by_clients)
    return unsolicited(terms, "authenticator", name->string, detail);
  reader_t reader = reader_over(value);
  if (!row->parse(&reader, outputs) || !reader_done(&reader))
    return error_because(detail, ERR_EXTENSION, "the authenticator's %s must be %s", row->name, row->words);
  return ERR_NONE;
}

static error_code_t judge_authenticator(const extension_terms_t *terms, extension_ceremony_t ceremony,
                                        bytes_t map, extension_outputs_t *outputs, error_detail_t *detail)
{
  if (map.len == 0)
    return ERR_NONE;
  reader_t reader = reader_over(map);
  cbor_value_t head = cbor_read(&reader);
  error_code_t code = ERR_NONE;
  if (head.kind != CBOR_KIND_MAP)
    return error_because(detail, ERR_EXTENSION, "the authenticator's extensions are no map");
  for (uint64_t i = 0; i < head.value && code == ERR_NONE; i++) {
    cbor_value_t name = cbor_read(&reader);
    if (name.kind != CBOR_KIND_TEXT)
      return error_because(detail, ERR_EXTENSION, "an extension's name is no text");
    bytes_t value = cbor_read_encoded(&reader);
    code = judge_authenticator_output(terms, find_authenticator_row(&name, ceremony), &name, value, outputs,
                                      detail);
  }
  if (code == ERR_NONE && !reader_done(&reader))
    return error_because(detail, ERR_EXTENSION, "the authenticator's extensions are cut short or too long");
  return code;
}

static error_code_t judge_client(const extension_terms_t *terms, extension_ceremony_t ceremony,
                                 const extension_outputs_t *outputs, error_detail_t *detail)
{
  error_code_t code = ERR_NONE;
  for (size_t i = 0; i < sizeof(CLIENT_ROWS) / sizeof(CLIENT_ROWS[0]) && code == ERR_NONE; i++) {
    const client_row_t *row = &CLIENT_ROWS[i];
    extension_set_t bit = EXTENSION_BIT(row->extension);
    if ((row->ceremonies & ceremony) == 0)
      continue;
    if ((outputs->client & bit) != 0 && (terms->asked & bit) == 0)
      code = unsolicited(terms, "client", bytes_of_string(row->name), detail);
    else if ((outputs->client_malformed & bit) != 0)
      code = error_because(detail, ERR_EXTENSION, "the client's %s must be %s", row->name, row->words);
  }
  if (code == ERR_NONE && outputs->client_others && !terms->others_asked)
    code = unsolicited(terms, "client", BYTES_LITERAL("of another name"), detail);
  return code;
}

/* What nobody asked for is left out; credProtect is what the key does, whoever asked. */
static void keep_asked(const extension_terms_t *terms, extension_outputs_t *outputs)
{
  extension_set_t asked = terms->asked;
  outputs->appid = outputs->appid && (asked & ONLY(APPID)) != 0;
  if ((asked & ONLY(CRED_PROPS)) == 0)
    outputs->discoverable = SAID_NOTHING;
  if ((asked & SECRETS) == 0)
    outputs->prf = SAID_NOTHING;
  if ((asked & ONLY(LARGE_BLOB)) == 0)
    outputs->large_blob = SAID_NOTHING;
  if ((asked & ONLY(UVM)) == 0)
    outputs->uvm_count = 0;
}

error_code_t extensions_judge(const extension_terms_t *terms, extension_ceremony_t ceremony,
                              bytes_t authenticator, extension_outputs_t *outputs, error_detail_t *detail)
{
  error_code_t code = judge_client(terms, ceremony, outputs, detail);
  if (code == ERR_NONE)
    code = judge_authenticator(terms, ceremony, authenticator, outputs, detail);
  if (code != ERR_NONE)
    return code;
  keep_asked(terms, outputs);
  if (ceremony == EXTENSION_AT_CREATE && terms->cred_protect_enforced &&
      outputs->cred_protect < terms->cred_protect)
    return error_because(detail, ERR_CRED_PROTECT, "credProtect is %d, %d was asked", outputs->cred_protect,
                         terms->cred_protect);
  return ERR_NONE;
}
