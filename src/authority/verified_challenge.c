#include "authority/verified_challenge.h"

#include <string.h>

#include "crypto/hash.h"

#define KEY_PURPOSE "sekisho verified challenge 1"

error_code_t verified_challenge_make(const domain_t *domain, const stored_request_t *request,
                                     uint8_t ret_challenge[HANDOFF_CHALLENGE_LENGTH])
{
  secret_key_t key;
  sha256_t mac;
  uint8_t expires[8];
  builder_t builder = builder_over(expires, sizeof expires);
  builder_add_u64be(&builder, (uint64_t)request->expires_ms);
  /* all but the last are of fixed width */
  const bytes_t parts[] = {bytes_of(request->request, sizeof request->request),
                           bytes_of(request->handle_hash, sizeof request->handle_hash),
                           bytes_of(request->browser, sizeof request->browser),
                           bytes_of(expires, sizeof expires), request->query};
  error_code_t error = hash_derive_key(&domain->reference_key, KEY_PURPOSE, &key);
  if (error == ERR_NONE)
    error = hash_hmac(&key, parts, sizeof parts / sizeof parts[0], &mac);
  secret_wipe(&key, sizeof key);
  if (error == ERR_NONE)
    memcpy(ret_challenge, mac.bytes, HANDOFF_CHALLENGE_LENGTH);
  return error;
}
