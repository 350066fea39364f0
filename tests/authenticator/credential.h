/* Inside of the software authenticator: one credential. */
#ifndef SEKISHO_TESTS_CREDENTIAL_H
#define SEKISHO_TESTS_CREDENTIAL_H

#include "authenticator.h"

struct soft_credential {
  soft_credential_t *next; /* older */
  EVP_PKEY *key;
  arena_t *arena; /* of the members below */
  int64_t algorithm;
  bytes_t id, user_handle, cose;
  char *rp_id;
  uint32_t sign_count;
};

/* NULL when the algorithm is none of ours. */
EVP_PKEY *soft_key_generate(int64_t algorithm);
/* As the algorithm does it; 0: as a key of that kind does. *len: the room in signature, then what was used.
 */
void soft_sign(int64_t algorithm, EVP_PKEY *key, bytes_t message, uint8_t *signature, size_t *len);
/* The hash of the algorithm, SHA-256 where it has none. */
const EVP_MD *soft_hash(int64_t algorithm);
void soft_sha256(bytes_t message, uint8_t hash[32]);
/* clientDataJSON as browsers serialise it (L3 §5.8.1.1); top_origin may be NULL. */
void soft_client_data(builder_t *builder, const char *type, bytes_t challenge, const char *origin,
                      bool cross_origin, const char *top_origin);

#endif
