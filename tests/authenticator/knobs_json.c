#include "knobs_json.h"

#include <stddef.h>
#include <string.h>

typedef enum knob_kind {
  KNOB_FLAG,
  KNOB_BOOLEAN,
  KNOB_INT,
  KNOB_INTEGER,
  KNOB_TEXT,
  KNOB_TEXT_BYTES,
  KNOB_BYTES
} knob_kind_t;

typedef struct knob {
  const char *name;
  knob_kind_t kind;
  size_t offset;
} knob_t;

#define KNOB(name, kind, member)                                                                             \
  {                                                                                                          \
    name, kind, offsetof(soft_knobs_t, member)                                                               \
  }

static const knob_t KNOBS[] = {
    KNOB("up", KNOB_FLAG, up),
    KNOB("uv", KNOB_FLAG, uv),
    KNOB("be", KNOB_FLAG, be),
    KNOB("bs", KNOB_FLAG, bs),
    KNOB("at", KNOB_FLAG, at),
    KNOB("ed", KNOB_FLAG, ed),
    KNOB("reservedFlags", KNOB_INT, reserved_flags),
    KNOB("signCount", KNOB_INTEGER, sign_count),
    KNOB("rpId", KNOB_TEXT, rp_id),
    KNOB("rpIdHash", KNOB_BYTES, rp_id_hash),
    KNOB("type", KNOB_TEXT, type),
    KNOB("challenge", KNOB_TEXT_BYTES, challenge),
    KNOB("crossOrigin", KNOB_FLAG, cross_origin),
    KNOB("topOrigin", KNOB_TEXT, top_origin),
    KNOB("clientDataJSON", KNOB_BYTES, client_data_json),
    KNOB("signature", KNOB_TEXT, signature),
    KNOB("wrongKey", KNOB_BOOLEAN, wrong_key),
    KNOB("userHandleAbsent", KNOB_BOOLEAN, user_handle_absent),
    KNOB("userHandle", KNOB_BYTES, user_handle),
    KNOB("algorithm", KNOB_INTEGER, algorithm),
    KNOB("format", KNOB_TEXT, format),
    KNOB("statementFault", KNOB_TEXT, statement_fault),
    KNOB("statementAlgorithm", KNOB_INTEGER, statement_algorithm),
    KNOB("formatName", KNOB_TEXT, format_name),
    KNOB("statement", KNOB_BYTES, statement),
    KNOB("timeMs", KNOB_INTEGER, time_ms),
    KNOB("aaguid", KNOB_BYTES, aaguid),
    KNOB("credentialId", KNOB_BYTES, credential_id),
    KNOB("id", KNOB_BYTES, id),
    KNOB("cose", KNOB_TEXT, cose),
    KNOB("coseKey", KNOB_BYTES, cose_key),
    KNOB("extensions", KNOB_BYTES, extensions),
    KNOB("trailing", KNOB_BYTES, trailing),
    KNOB("objectTrailing", KNOB_BYTES, object_trailing),
    KNOB("attestationObject", KNOB_BYTES, attestation_object),
    KNOB("authenticatorData", KNOB_BYTES, authenticator_data),
    KNOB("truncate", KNOB_INTEGER, truncate),
    KNOB("ignoreExclude", KNOB_BOOLEAN, ignore_exclude),
};

static bool set(arena_t *arena, const knob_t *knob, const json_t *knobs, soft_knobs_t *ret_knobs)
{
  const json_t *value = json_object_get(knobs, knob->name);
  void *member = (char *)ret_knobs + knob->offset;
  switch (knob->kind) {
  case KNOB_FLAG:
    *(int *)member = json_is_true(value);
    return json_is_boolean(value);
  case KNOB_BOOLEAN:
    *(bool *)member = json_is_true(value);
    return json_is_boolean(value);
  case KNOB_INT:
    *(int *)member = (int)json_integer_value(value);
    return json_is_integer(value);
  case KNOB_INTEGER:
    *(int64_t *)member = json_integer_value(value);
    return json_is_integer(value);
  case KNOB_TEXT:
    *(const char **)member = json_string_value(value);
    return json_is_string(value);
  case KNOB_TEXT_BYTES:
    return json_get_text(knobs, knob->name, member) == ERR_NONE;
  case KNOB_BYTES:
    return json_get_base64url(arena, knobs, knob->name, member) == ERR_NONE;
  }
  return false;
}

static bool set_fault(const char *name, const json_t *value, soft_knobs_t *knobs)
{
  bool is_chain = strcmp(name, "chain") == 0;
  if (!json_is_string(value) || (!is_chain && strcmp(name, "certificate") != 0))
    return false;
  int fault = is_chain ? chain_fault_parse(json_string_value(value))
                       : certificate_fault_parse(json_string_value(value));
  if (fault >= 0 && is_chain)
    knobs->chain = (chain_fault_t)fault;
  else if (fault >= 0)
    knobs->certificate = (certificate_fault_t)fault;
  return fault >= 0;
}

static const knob_t *find(const char *name)
{
  for (size_t i = 0; i < sizeof(KNOBS) / sizeof(KNOBS[0]); i++)
    if (strcmp(KNOBS[i].name, name) == 0)
      return &KNOBS[i];
  return NULL;
}

bool knobs_parse(arena_t *arena, const json_t *knobs, soft_knobs_t *ret_knobs, const char **ret_name)
{
  *ret_knobs = SOFT_HONEST;
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)knobs, name, value)
  { /* jansson's iterator takes no const */
    const knob_t *knob = find(name);
    bool taken = knob != NULL ? set(arena, knob, knobs, ret_knobs) : set_fault(name, value, ret_knobs);
    if (!taken) {
      *ret_name = name;
      return false;
    }
  }
  return true;
}
