#include "rp/rp_keys.h"

#include "base/cleanup.h"
#include "crypto/hash.h"
#include "ops/key_file.h"

#define KEY_ID 1

error_code_t rp_keys_derive(const secret_key_t *root, rp_keys_t *ret_keys)
{
  ret_keys->id = KEY_ID;
  error_code_t error = hash_derive_key(root, "sekisho rp challenge", &ret_keys->challenge);
  if (error == ERR_NONE)
    error = hash_derive_key(root, "sekisho rp seal", &ret_keys->seal);
  if (error == ERR_NONE)
    error = hash_derive_key(root, "sekisho rp pairwise", &ret_keys->pairwise);
  if (error == ERR_NONE)
    error = hash_derive_key(root, "sekisho rp decoy", &ret_keys->decoy);
  if (error == ERR_NONE)
    error = hash_derive_key(root, "sekisho rp key fingerprint", &ret_keys->fingerprint);
  return error;
}

error_code_t rp_keys_open(const char *path, const char *database, rp_keys_t *ret_keys, error_detail_t *detail)
{
  CLEANUP(secret_key_wipe) secret_key_t root;
  error_code_t error = key_file_open(path, database, &root, detail);
  if (error != ERR_NONE)
    return error;
  return rp_keys_derive(&root, ret_keys);
}

void rp_keys_wipe(rp_keys_t *keys)
{
  secret_wipe(keys, sizeof(*keys));
}
