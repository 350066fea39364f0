#include <string.h>

#include "cbor_build.h"
#include "cose_build.h"
#include "soft_check.h"
#include "statement.h"

#define POINT_LENGTH 65

/* What a U2F token signs (WebAuthn L3 §8.6 step 5). */
static bytes_t u2f_message(const statement_work_t *work)
{
  uint8_t point[POINT_LENGTH];
  size_t len = 0;
  SOFT_MUST(EVP_PKEY_get_octet_string_param(work->credential->key, "pub", point, sizeof(point), &len) == 1);
  builder_t builder = arena_builder(work->arena, 128 + work->credential->id.len + POINT_LENGTH);
  builder_add_u8(&builder, statement_fault_is(work, "reserved-byte") ? 5 : 0); /* U2F's registrations had 5 */
  builder_add(&builder, bytes_of(work->data.data, 32));
  builder_add(&builder, work->client_data_hash);
  builder_add(&builder, work->credential->id);
  if (statement_fault_is(work, "other-point"))
    point[POINT_LENGTH - 1] ^= 1;
  builder_add(&builder, bytes_of(point, statement_fault_is(work, "half-point") ? 33 : len));
  SOFT_MUST(!builder.failed);
  return builder_bytes(&builder);
}

/* Faults: "packed-message", "reserved-byte", "other-point", "half-point", "alg-member", "no-sig", "no-x5c".
 */
void statement_add_u2f(const statement_work_t *work, builder_t *builder)
{
  soft_chain_t chain;
  attestation_ca_issue(work->ca, work->arena, work->aaguid, work->knobs->certificate, work->knobs->chain,
                       work->knobs->bend, &chain);
  bool sig = !statement_fault_is(work, "no-sig"), x5c = !statement_fault_is(work, "no-x5c"),
       alg = statement_fault_is(work, "alg-member");
  cbor_add_map(builder, (uint64_t)sig + (uint64_t)x5c + (uint64_t)alg);
  if (alg) {
    cbor_add_text(builder, "alg");
    cbor_add_integer(builder, -7);
  }
  if (sig) {
    bytes_t message = statement_fault_is(work, "packed-message") ? work->signed_data : u2f_message(work);
    cbor_add_text(builder, "sig");
    cbor_add_bytes(builder, statement_sign(work, 0, chain.key, message));
  }
  if (x5c)
    statement_add_chain(&chain, builder);
  EVP_PKEY_free(chain.key);
}
