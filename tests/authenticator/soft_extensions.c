#include "soft_extensions.h"

#include <string.h>

#include "cbor_build.h"
#include "soft_check.h"

#define ROOM 256
#define MIN_PIN_LENGTH 6
#define CBOR_TRUE 21
#define CBOR_SIMPLE 7

static const uint32_t UVM[3] = {2, 4, 2}; /* fingerprint, secure element, on chip */

static bool asks(const json_t *asked, const char *name)
{
  return json_is_true(json_object_get(asked, name));
}

static int policy_of(const json_t *asked)
{
  static const char *const policies[] = {
      "userVerificationOptional", "userVerificationOptionalWithCredentialIDList", "userVerificationRequired"};
  const char *policy = json_string_value(json_object_get(asked, "credentialProtectionPolicy"));
  for (int i = 0; policy != NULL && i < 3; i++)
    if (strcmp(policy, policies[i]) == 0)
      return i + 1;
  return 0;
}

static void add_uvm(builder_t *builder)
{
  cbor_add_text(builder, "uvm");
  cbor_add_array(builder, 1);
  cbor_add_array(builder, 3);
  for (size_t i = 0; i < 3; i++)
    cbor_add_integer(builder, UVM[i]);
}

/* In CTAP2's order: the shorter names first. */
bytes_t soft_extensions_authenticator(arena_t *arena, const json_t *asked, bool creating)
{
  builder_t outputs = arena_builder(arena, ROOM), map = arena_builder(arena, ROOM);
  uint64_t count = 0;
  int policy = policy_of(asked);
  if (asks(asked, "uvm") && ++count > 0)
    add_uvm(&outputs);
  if (creating && policy > 0 && ++count > 0) {
    cbor_add_text(&outputs, "credProtect");
    cbor_add_integer(&outputs, policy);
  }
  if (creating && (json_object_get(asked, "prf") != NULL || asks(asked, "hmacCreateSecret")) && ++count > 0) {
    cbor_add_text(&outputs, "hmac-secret");
    cbor_add_head(&outputs, CBOR_SIMPLE, CBOR_TRUE);
  }
  if (creating && asks(asked, "minPinLength") && ++count > 0) {
    cbor_add_text(&outputs, "minPinLength");
    cbor_add_integer(&outputs, MIN_PIN_LENGTH);
  }
  if (count == 0)
    return BYTES_NONE;
  cbor_add_map(&map, count);
  builder_add(&map, builder_bytes(&outputs));
  SOFT_MUST(!outputs.failed && !map.failed);
  return builder_bytes(&map);
}

static void set(json_t *results, const char *name, json_t *value)
{
  SOFT_MUST(json_object_set_new(results, name, value) == 0);
}

static void answer_create(const json_t *asked, json_t *results)
{
  if (asks(asked, "credProps"))
    set(results, "credProps", json_pack("{s:b}", "rk", 1));
  if (json_object_get(asked, "appidExclude") != NULL)
    set(results, "appidExclude", json_true());
  if (json_object_get(asked, "largeBlob") != NULL)
    set(results, "largeBlob", json_pack("{s:b}", "supported", 1));
  if (json_object_get(asked, "prf") != NULL)
    set(results, "prf", json_pack("{s:b}", "enabled", 1));
}

static void answer_get(const json_t *asked, bool by_appid, json_t *results)
{
  const json_t *blob = json_object_get(asked, "largeBlob"), *prf = json_object_get(asked, "prf");
  if (json_object_get(asked, "appid") != NULL)
    set(results, "appid", json_boolean(by_appid));
  if (json_object_get(blob, "write") != NULL)
    set(results, "largeBlob", json_pack("{s:b}", "written", 1));
  else if (asks(blob, "read"))
    set(results, "largeBlob", json_pack("{s:s}", "blob", "AAEC"));
  if (prf != NULL)
    set(results, "prf", json_pack("{s:{s:s}}", "results", "first", "c2VjcmV0LXRoYXQtaXMtdGhlLXBlcnNvbidz"));
}

json_t *soft_extensions_client(const json_t *asked, bool creating, bool by_appid)
{
  json_t *results = json_object();
  if (creating)
    answer_create(asked, results);
  else
    answer_get(asked, by_appid, results);
  if (asks(asked, "uvm"))
    set(results, "uvm", json_pack("[[iii]]", (int)UVM[0], (int)UVM[1], (int)UVM[2]));
  return results;
}
