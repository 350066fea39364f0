/* DPoP proofs: whatever passes is signed, and for the request that it is checked for. */
#include <stdlib.h>

#include "authority/dpop.h"
#include "fuzz.h"

#define NOW_MS INT64_C(1790000000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const dpop_nonces_t nonces = {.started_ms = 0};
  arena_t *arena = arena_new(4096, 1u << 20);
  const dpop_request_t request = {.method = BYTES_LITERAL("POST"),
                                  .address = BYTES_LITERAL("https://login.example.com/pay/token"),
                                  .now_ms = NOW_MS};
  dpop_proof_t proof;
  const char *reason = NULL;
  if (arena == NULL)
    return 0;
  error_code_t error = dpop_check(arena, &nonces, &request, bytes_of(data, size), &proof, &reason);
  if (error == ERR_NONE && proof.key.kind != CONFIRMATION_DPOP)
    abort();
  if (error == ERR_DPOP_PROOF && reason == NULL)
    abort();
  arena_free(arena);
  return 0;
}
