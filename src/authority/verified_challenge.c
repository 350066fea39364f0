#include "authority/verified_challenge.h"

#include <string.h>

#include "crypto/hash.h"

#define KEY_PURPOSE "sekisho verified challenge 1"
#define NEWCOMER_KEY_PURPOSE "sekisho verified challenge of a further key 1"

/* Over what is of fixed width, and the query behind it. */
static error_code_t mac_request(const secret_key_t *key, const stored_request_t *request, sha256_t *ret_mac)
{
  uint8_t expires[8];
  builder_t builder = builder_over(expires, sizeof expires);
  builder_add_u64be(&builder, (uint64_t)request->expires_ms);
  const bytes_t parts[] = {bytes_of(request->request, sizeof request->request),
                           bytes_of(request->handle_hash, sizeof request->handle_hash),
                           bytes_of(request->browser, sizeof request->browser),
                           bytes_of(expires, sizeof expires), request->query};
  return hash_hmac(key, parts, sizeof parts / sizeof parts[0], ret_mac);
}

/* Under another key than requests alone, so that neither answer passes for the other. */
static error_code_t mac_newcomer(const secret_key_t *key, const sha256_t *of_request,
                                 const binding_t *newcomer, sha256_t *ret_mac)
{
  const bytes_t parts[] = {hash_bytes(of_request),
                           bytes_of(newcomer->credential, sizeof newcomer->credential), newcomer->key};
  return hash_hmac(key, parts, sizeof parts / sizeof parts[0], ret_mac);
}

error_code_t verified_challenge_make(const domain_t *domain, const stored_request_t *request,
                                     const binding_t *newcomer,
                                     uint8_t ret_challenge[HANDOFF_CHALLENGE_LENGTH])
{
  secret_key_t key;
  sha256_t of_request, of_newcomer;
  const char *purpose = newcomer != NULL ? NEWCOMER_KEY_PURPOSE : KEY_PURPOSE;
  error_code_t error = hash_derive_key(&domain->reference_key, purpose, &key);
  if (error == ERR_NONE)
    error = mac_request(&key, request, &of_request);
  if (error == ERR_NONE && newcomer != NULL)
    error = mac_newcomer(&key, &of_request, newcomer, &of_newcomer);
  secret_wipe(&key, sizeof key);
  if (error == ERR_NONE)
    memcpy(ret_challenge, newcomer != NULL ? of_newcomer.bytes : of_request.bytes, HANDOFF_CHALLENGE_LENGTH);
  return error;
}
