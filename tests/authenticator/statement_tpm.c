#include "statement_tpm.h"

#include <string.h>

#include "cbor_build.h"
#include "der_build.h"
#include "soft_check.h"

enum { SEQUENCE = 0x30, SET = 0x31, UTF8 = 0x0c };
#define ALTERNATIVE_NAME_OID "2.5.29.17"
#define USAGE_OID "2.5.29.37"
#define KEY_IDENTIFIER_OID "2.5.29.35" /* of the issuer */

/* AttributeTypeAndValue with 2.23.133.2.<arc>. */
static bytes_t attribute(arena_t *arena, uint8_t arc, const char *value)
{
  const uint8_t oid[] = {0x06, 0x05, 0x67, 0x81, 0x05, 0x02, arc};
  const bytes_t parts[] = {bytes_of(oid, sizeof(oid)), der_build(arena, UTF8, bytes_of_string(value))};
  return der_build(arena, SEQUENCE, der_join(arena, parts, 2));
}

static const char *vendor_of(const statement_work_t *work)
{
  if (statement_fault_is(work, "vendor-unknown"))
    return "id:41414141";
  if (statement_fault_is(work, "vendor-lower-case"))
    return "id:4e544300";
  if (statement_fault_is(work, "vendor-long"))
    return "id:4E54430000";
  return statement_fault_is(work, "vendor-bare") ? "4E544300" : "id:4E544300";
}

static bytes_t alternative_name(const statement_work_t *work)
{
  arena_t *arena = work->arena;
  bytes_t values[4];
  size_t count = 0;
  if (!statement_fault_is(work, "no-manufacturer"))
    values[count++] = attribute(arena, 1, vendor_of(work));
  if (!statement_fault_is(work, "no-model"))
    values[count++] = attribute(arena, 2, statement_fault_is(work, "model-empty") ? "" : "NPCT6xx");
  if (!statement_fault_is(work, "no-version"))
    values[count++] = attribute(arena, 3, "id:13");
  if (statement_fault_is(work, "manufacturer-twice"))
    values[count++] = attribute(arena, 1, "id:41414141");
  bytes_t sets = der_build(arena, SET, der_join(arena, values, count));
  if (!statement_fault_is(work, "one-rdn")) {
    for (size_t i = 0; i < count; i++)
      values[i] = der_build(arena, SET, values[i]);
    sets = der_join(arena, values, count);
  }
  bytes_t general = der_explicit(arena, 4, der_build(arena, SEQUENCE, sets)); /* directoryName */
  if (statement_fault_is(work, "san-dns"))
    general = der_build(arena, 0x82, BYTES_LITERAL("tpm.example"));
  return der_build(arena, SEQUENCE, general);
}

static bytes_t usage(const statement_work_t *work)
{
  uint8_t oid[] = {0x06, 0x05, 0x67, 0x81, 0x05, 0x08, 0x03};
  oid[6] = statement_fault_is(work, "usage-other") ? 0x01 : 0x03; /* tcg-kp-EKCertificate, -AIKCertificate */
  const bytes_t usages[] = {BYTES_LITERAL("\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"), /* serverAuth */
                            bytes_of(oid, sizeof(oid))};
  bool has_more = statement_fault_is(work, "usage-more");
  return der_build(work->arena, SEQUENCE, has_more ? der_join(work->arena, usages, 2) : usages[1]);
}

static void certify(const statement_work_t *work, int64_t algorithm, soft_chain_t *ret_chain)
{
  soft_leaf_t leaf = {.key = soft_key_generate(algorithm),
                      .aaguid = work->aaguid,
                      .fault = work->knobs->certificate,
                      .empty_subject = !statement_fault_is(work, "subject"),
                      .bend = work->knobs->bend};
  SOFT_MUST(leaf.key != NULL);
  if (!statement_fault_is(work, "no-usage"))
    leaf.extensions[leaf.extension_count++] = (soft_extension_t){USAGE_OID, false, usage(work)};
  if (!statement_fault_is(work, "no-san"))
    leaf.extensions[leaf.extension_count++] = (soft_extension_t){
        ALTERNATIVE_NAME_OID, !statement_fault_is(work, "san-not-critical"), alternative_name(work)};
  if (statement_fault_is(work, "san-twice"))
    leaf.extensions[leaf.extension_count++] =
        (soft_extension_t){ALTERNATIVE_NAME_OID, true, alternative_name(work)};
  if (statement_fault_is(work, "unreadable-issuer"))
    leaf.extensions[leaf.extension_count++] =
        (soft_extension_t){KEY_IDENTIFIER_OID, false, BYTES_LITERAL("\x30\x02\x30")};
  attestation_ca_certify(work->ca, work->arena, &leaf, work->knobs->chain, ret_chain);
  ret_chain->key = leaf.key;
}

static void add_bytes_member(builder_t *builder, const char *name, bytes_t bytes)
{
  cbor_add_text(builder, name);
  cbor_add_bytes(builder, bytes);
}

/* Faults of pubArea and certInfo: "name-unknown", "other-unique", "scheme-without-hash", "scheme-unknown",
 * "key-bits", "exponent-3", "other-curve", "unknown-curve", "other-type", "public-trailing", "public-cut",
 * "name-bare", "name-other", "name-other-hash", "magic", "type-quote", "extra-data-other",
 * "extra-data-sha384", "certify-trailing", "certify-cut". Of the certificate: "subject", "no-san",
 * "san-not-critical", "san-twice", "san-dns", "no-manufacturer", "no-model", "model-empty", "no-version",
 * "manufacturer-twice", "vendor-unknown", "vendor-long", "vendor-bare", "no-usage", "usage-other". Of the
 * statement: "ver-1", "no-ver". Good: "name-sha1", "name-sha384", "name-sha512", "scheme", "leading-zeros",
 * "exponent-65537", "kdf", "vendor-lower-case", "one-rdn", "usage-more"; "unreadable-issuer" where there are
 * no roots. The AIK signs by ES256, or by RS256 or RS1 when statement_algorithm says so; others there are
 * lies, but with "aik-of-algorithm". */
void statement_add_tpm(const statement_work_t *work, builder_t *builder)
{
  soft_chain_t chain;
  int64_t algorithm = work->knobs->statement_algorithm != 0 ? work->knobs->statement_algorithm : -7;
  const soft_bend_t *bend = work->knobs->bend;
  bytes_t area = soft_bend(bend, work->arena, "pubArea", tpm_public_area(work));
  bytes_t info = soft_bend(bend, work->arena, "certInfo", tpm_certify_info(work, algorithm, area));
  bool is_honest = algorithm == -257 || algorithm == -65535 || statement_fault_is(work, "aik-of-algorithm");
  int64_t key_algorithm = is_honest ? algorithm : -7;
  bool has_version = !statement_fault_is(work, "no-ver");
  certify(work, key_algorithm, &chain);
  cbor_add_map(builder, has_version ? 6 : 5);
  cbor_add_text(builder, "alg");
  cbor_add_integer(builder, algorithm);
  add_bytes_member(builder, "sig", statement_sign(work, key_algorithm, chain.key, info));
  if (has_version) {
    cbor_add_text(builder, "ver");
    cbor_add_text(builder, statement_fault_is(work, "ver-1") ? "1.2" : "2.0");
  }
  statement_add_chain(&chain, builder);
  add_bytes_member(builder, "pubArea", area);
  add_bytes_member(builder, "certInfo", info);
  EVP_PKEY_free(chain.key);
}
