#include <string.h>

#include "cbor_build.h"
#include "der_build.h"
#include "soft_check.h"
#include "statement.h"

#define KEY_DESCRIPTION_OID "1.3.6.1.4.1.11129.2.1.17"

enum { INTEGER = 0x02, OCTETS = 0x04, ENUMERATED = 0x0a, SEQUENCE = 0x30, SET = 0x31 };
enum {
  TAG_PURPOSE = 1,
  TAG_ALGORITHM = 2,
  TAG_ALL_APPLICATIONS = 600,
  TAG_ORIGIN = 702,
  TAG_MODULE_HASH = 724
};

static bytes_t purpose_of(const statement_work_t *work)
{
  arena_t *arena = work->arena;
  const bytes_t both[] = {der_small(arena, INTEGER, 2), der_small(arena, INTEGER, 3)};
  if (statement_fault_is(work, "purpose-sign-verify"))
    return der_build(arena, SET, der_join(arena, both, 2));
  if (statement_fault_is(work, "purpose-empty"))
    return der_build(arena, SET, BYTES_NONE);
  if (statement_fault_is(work, "purpose-octets"))
    return der_build(arena, SET, der_small(arena, OCTETS, 2));
  if (statement_fault_is(work, "purpose-negative"))
    return der_build(arena, SET, der_small(arena, INTEGER, 0xfe));
  if (statement_fault_is(work, "purpose-sequence"))
    return der_build(arena, SEQUENCE, der_small(arena, INTEGER, 2));
  return der_build(arena, SET,
                   der_small(arena, INTEGER, statement_fault_is(work, "purpose-decrypt") ? 1 : 2));
}

/* purpose, algorithm, allApplications and origin, those that the faults leave. */
static bytes_t list_of(const statement_work_t *work, bool full, bool all_applications)
{
  arena_t *arena = work->arena;
  bytes_t parts[8];
  size_t count = 0;
  bool is_unsorted = statement_fault_is(work, "unsorted");
  uint8_t origin = statement_fault_is(work, "origin-imported") ? 2 : 0;
  if (full && is_unsorted)
    parts[count++] = der_explicit(arena, TAG_ORIGIN, der_small(arena, INTEGER, origin));
  if (full && !statement_fault_is(work, "purpose-missing"))
    parts[count++] = der_explicit(arena, TAG_PURPOSE, purpose_of(work));
  if (full && statement_fault_is(work, "purpose-twice"))
    parts[count++] = der_explicit(arena, TAG_PURPOSE, purpose_of(work));
  if (full)
    parts[count++] = der_explicit(arena, TAG_ALGORITHM, der_small(arena, INTEGER, 3));
  if (all_applications)
    parts[count++] = der_explicit(arena, TAG_ALL_APPLICATIONS, der_build(arena, 0x05, BYTES_NONE));
  if (full && !statement_fault_is(work, "origin-missing") && !is_unsorted)
    parts[count++] = der_explicit(arena, TAG_ORIGIN, der_small(arena, INTEGER, origin));
  if (full && statement_fault_is(work, "origin-twice"))
    parts[count++] = der_explicit(arena, TAG_ORIGIN, der_small(arena, INTEGER, 0));
  if (full && statement_fault_is(work, "keymint"))
    parts[count++] = der_explicit(arena, TAG_MODULE_HASH, der_build(arena, OCTETS, BYTES_LITERAL("hash")));
  if (full && statement_fault_is(work, "primitive-member"))
    parts[count++] = der_build(arena, 0x85, BYTES_NONE);
  return der_build(arena, SEQUENCE, der_join(arena, parts, count));
}

static bytes_t key_description(const statement_work_t *work)
{
  arena_t *arena = work->arena;
  bytes_t challenge = work->client_data_hash, imported = BYTES_NONE;
  if (statement_fault_is(work, "challenge-other"))
    challenge = bytes_of(work->signed_data.data, 32);
  if (statement_fault_is(work, "challenge-short"))
    challenge.len--;
  bool in_software = statement_fault_is(work, "software"), mixed = statement_fault_is(work, "origin-mixed");
  bytes_t software = list_of(work, in_software, statement_fault_is(work, "all-applications-software"));
  if (mixed) {
    imported = der_explicit(arena, TAG_ORIGIN, der_small(arena, INTEGER, 2));
    software = der_build(arena, SEQUENCE, imported);
  }
  bool is_keymint = statement_fault_is(work, "keymint"); /* version 400 of both */
  bytes_t version = der_build(arena, INTEGER, BYTES_LITERAL("\x01\x90"));
  const bytes_t parts[] = {is_keymint ? version : der_small(arena, INTEGER, 4),
                           der_small(arena, ENUMERATED, 1),
                           is_keymint ? version : der_small(arena, INTEGER, 41),
                           der_small(arena, ENUMERATED, 1),
                           der_build(arena, OCTETS, challenge),
                           der_build(arena, OCTETS, BYTES_NONE),
                           software,
                           list_of(work, !in_software, statement_fault_is(work, "all-applications"))};
  size_t count = statement_fault_is(work, "no-hardware-list") ? 7 : 8;
  bytes_t content = der_join(arena, parts, count);
  if (statement_fault_is(work, "description-cut"))
    content.len--;
  return der_build(arena, SEQUENCE, content);
}

/* Good: "software" (where the union counts), "unsorted", "keymint". Faults: "challenge-other",
 * "challenge-short", "all-applications", "all-applications-software", "purpose-missing", "purpose-empty",
 * "purpose-decrypt", "purpose-sign-verify", "purpose-twice", "purpose-octets", "purpose-negative",
 * "purpose-sequence", "origin-missing", "origin-imported", "origin-mixed", "origin-twice",
 * "primitive-member", "no-hardware-list", "description-cut", "no-description", "description-twice",
 * "other-key". */
void statement_add_android_key(const statement_work_t *work, builder_t *builder)
{
  soft_chain_t chain;
  const soft_credential_t *credential = work->credential;
  bool other_key = statement_fault_is(work, "other-key");
  soft_leaf_t leaf = {
      .key = other_key ? soft_key_generate(credential->algorithm) : credential->key,
      .fault = work->knobs->certificate,
      .bend = work->knobs->bend,
      .extensions = {{KEY_DESCRIPTION_OID, false,
                      soft_bend(work->knobs->bend, work->arena, "keyDescription", key_description(work))}},
      .extension_count = statement_fault_is(work, "no-description") ? 0 : 1};
  if (statement_fault_is(work, "description-twice"))
    leaf.extensions[leaf.extension_count++] = leaf.extensions[0];
  attestation_ca_certify(work->ca, work->arena, &leaf, work->knobs->chain, &chain);
  int64_t algorithm = work->knobs->statement_algorithm;
  cbor_add_map(builder, 3);
  cbor_add_text(builder, "alg");
  cbor_add_integer(builder, algorithm != 0 ? algorithm : credential->algorithm);
  cbor_add_text(builder, "sig");
  cbor_add_bytes(builder, statement_sign(work, credential->algorithm, leaf.key, work->signed_data));
  statement_add_chain(&chain, builder);
  if (other_key)
    EVP_PKEY_free(leaf.key);
}
