#include <string.h>

#include "cbor_build.h"
#include "der_build.h"
#include "soft_check.h"
#include "statement.h"

#define NONCE_OID "1.2.840.113635.100.8.2"

static bytes_t nonce_extension(const statement_work_t *work)
{
  arena_t *arena = work->arena;
  uint8_t hash[32];
  soft_sha256(work->signed_data, hash);
  hash[31] ^= statement_fault_is(work, "nonce-other");
  bytes_t nonce = bytes_of(hash, sizeof(hash));
  if (statement_fault_is(work, "nonce-client-data"))
    nonce = work->client_data_hash;
  else if (statement_fault_is(work, "nonce-short"))
    nonce.len--;
  bytes_t octets = der_build(arena, 0x04, nonce);
  bytes_t tagged = der_explicit(arena, statement_fault_is(work, "nonce-tag") ? 2 : 1, octets);
  bytes_t sequence = der_build(arena, 0x30, tagged);
  const bytes_t trailing[] = {sequence, BYTES_LITERAL("\x05\x00")};
  return statement_fault_is(work, "nonce-trailing") ? der_join(arena, trailing, 2) : sequence;
}

/* Faults: "nonce-missing", "nonce-other", "nonce-client-data", "nonce-short", "nonce-tag", "nonce-trailing",
 * "nonce-twice", "other-key", "no-x5c", "sig-member"; not a fault: "alg-member". */
void statement_add_apple(const statement_work_t *work, builder_t *builder)
{
  soft_chain_t chain;
  bool other_key = statement_fault_is(work, "other-key");
  soft_leaf_t leaf = {
      .key = other_key ? soft_key_generate(work->credential->algorithm) : work->credential->key,
      .fault = work->knobs->certificate,
      .bend = work->knobs->bend,
      .extensions = {{NONCE_OID, false,
                      soft_bend(work->knobs->bend, work->arena, "nonce", nonce_extension(work))}},
      .extension_count = statement_fault_is(work, "nonce-missing") ? 0 : 1};
  if (statement_fault_is(work, "nonce-twice"))
    leaf.extensions[leaf.extension_count++] = leaf.extensions[0];
  attestation_ca_certify(work->ca, work->arena, &leaf, work->knobs->chain, &chain);
  bool x5c = !statement_fault_is(work, "no-x5c"), alg = statement_fault_is(work, "alg-member"),
       sig = statement_fault_is(work, "sig-member");
  cbor_add_map(builder, (uint64_t)x5c + (uint64_t)alg + (uint64_t)sig);
  if (alg) {
    cbor_add_text(builder, "alg");
    cbor_add_integer(builder, -7);
  }
  if (sig) {
    cbor_add_text(builder, "sig");
    cbor_add_bytes(builder, BYTES_LITERAL("x"));
  }
  if (x5c)
    statement_add_chain(&chain, builder);
  if (other_key)
    EVP_PKEY_free(leaf.key);
}
