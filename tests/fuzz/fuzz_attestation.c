/* The object, its authenticator data, its key and its statement, as far as they go. */
#include <stdlib.h>

#include "crypto/cose_key.h"
#include "fuzz.h"
#include "webauthn/attestation.h"

static void judge(const attestation_object_t *object, const attestation_format_t *format)
{
  static const uint8_t HASH[32];
  authenticator_data_t data;
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  int64_t algorithm = 0;
  if (authenticator_data_parse(object->authenticator_data, &data, NULL) != ERR_NONE ||
      cose_key_parse(data.credential_key, &key, &algorithm, NULL) != ERR_NONE)
    return;
  arena_t *arena = arena_new(4096, (size_t)1 << 20);
  if (arena == NULL)
    abort();
  attestation_input_t input = {.arena = arena,
                               .statement = object->statement,
                               .data = &data,
                               .client_data_hash = bytes_of(HASH, sizeof(HASH)),
                               .signed_data = data.raw, /* never what was signed */
                               .credential_key = key,
                               .rp_id = BYTES_LITERAL("rp.example"),
                               .time_ms = INT64_C(1790000000000),
                               .rules.allow_safetynet = true};
  attestation_finding_t finding;
  error_detail_t detail = {""};
  error_code_t code = format->verify(&input, &finding, &detail);
  arena_free(arena);
  if (code == ERR_NONE && finding.type != ATTESTATION_NONE)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  attestation_object_t object;
  if (attestation_object_parse(bytes_of(data, size), &object, NULL) != ERR_NONE)
    return 0;
  const attestation_format_t *format = attestation_format_find(object.format);
  if (format != NULL)
    judge(&object, format);
  return 0;
}
