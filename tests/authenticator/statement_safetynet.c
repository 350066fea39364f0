#include <string.h>
#include <time.h>

#include "base/encoding.h"
#include "cbor_build.h"
#include "der_build.h"
#include "soft_check.h"
#include "statement.h"

#define ALTERNATIVE_NAME_OID "2.5.29.17"
#define RESPONSE_TIME_MS INT64_C(1790000000000) /* the usual one: when the unit tests are */

static json_t *header_of(const statement_work_t *work, const soft_chain_t *chain)
{
  json_t *header = json_object(), *x5c = json_array();
  for (size_t i = 0; i < chain->count; i++)
    SOFT_MUST(json_array_append_new(x5c, json_string(base64_encode(work->arena, chain->certificates[i]))) ==
              0);
  SOFT_MUST(json_set_string(header, "alg", "RS256"));
  if (statement_fault_is(work, "no-x5c"))
    json_decref(x5c);
  else
    SOFT_MUST(json_object_set_new(header, "x5c", x5c) == 0);
  return header;
}

static json_t *payload_of(const statement_work_t *work)
{
  uint8_t hash[32];
  soft_sha256(work->signed_data, hash);
  hash[0] ^= statement_fault_is(work, "nonce-other");
  int64_t now_ms = work->knobs->time_ms != 0 ? work->knobs->time_ms : RESPONSE_TIME_MS;
  int64_t time_ms = now_ms - (statement_fault_is(work, "stale") ? 60001 : 1000);
  if (statement_fault_is(work, "future"))
    time_ms = now_ms + (work->knobs->time_ms != 0 ? 60000 : 1);
  json_t *payload = json_object();
  SOFT_MUST(json_set_string(payload, "nonce", base64_encode(work->arena, bytes_of(hash, sizeof(hash)))));
  SOFT_MUST(json_set_integer(payload, "timestampMs", time_ms));
  SOFT_MUST(json_set_boolean(payload, "ctsProfileMatch", !statement_fault_is(work, "no-cts-profile")));
  return payload;
}

static void add_part(const statement_work_t *work, const char *name, builder_t *builder, json_t *object)
{
  char *text = json_dumps(object, JSON_COMPACT);
  SOFT_MUST(text != NULL);
  builder_add_base64url(builder, soft_bend(work->knobs->bend, work->arena, name, bytes_of_string(text)));
  free(text);
  json_decref(object);
}

/* A new one takes its time: tests that ask for thousands bring their own. */
static EVP_PKEY *attestation_key(const statement_work_t *work)
{
  EVP_PKEY *given = work->knobs->attestation_key;
  if (given == NULL)
    return soft_key_generate(-257);
  SOFT_MUST(EVP_PKEY_up_ref(given) == 1);
  return given;
}

/* Faults: "nonce-other", "stale", "future", "no-cts-profile", "no-x5c", "other-host", "no-ver", "empty-ver".
 */
void statement_add_safetynet(const statement_work_t *work, builder_t *builder)
{
  soft_chain_t chain;
  const char *host =
      statement_fault_is(work, "other-host") ? "attest.android.com.example" : "attest.android.com";
  bytes_t name = der_build(work->arena, 0x30, der_build(work->arena, 0x82, bytes_of_string(host)));
  soft_leaf_t leaf = {.key = attestation_key(work),
                      .fault = work->knobs->certificate,
                      .bend = work->knobs->bend,
                      .extensions = {{ALTERNATIVE_NAME_OID, false, name}},
                      .extension_count = 1};
  attestation_ca_certify(work->ca, work->arena, &leaf, work->knobs->chain, &chain);
  builder_t token = arena_builder(work->arena, 65536);
  add_part(work, "header", &token, header_of(work, &chain));
  builder_add_u8(&token, '.');
  add_part(work, "payload", &token, payload_of(work));
  bytes_t signature = statement_sign(work, -257, leaf.key, builder_bytes(&token));
  builder_add_u8(&token, '.');
  builder_add_base64url(&token, signature);
  SOFT_MUST(!token.failed);
  bool has_version = !statement_fault_is(work, "no-ver");
  cbor_add_map(builder, has_version ? 2 : 1);
  if (has_version) {
    cbor_add_text(builder, "ver");
    cbor_add_text(builder, statement_fault_is(work, "empty-ver") ? "" : "14799021");
  }
  cbor_add_text(builder, "response");
  cbor_add_bytes(builder, builder_bytes(&token));
  EVP_PKEY_free(leaf.key);
}
