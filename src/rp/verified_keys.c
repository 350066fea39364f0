#include "rp/verified_keys.h"

#include <openssl/x509.h>
#include <string.h>

#include "crypto/cose_key.h"
#include "crypto/hash.h"
#include "store/rp_credential.h"

static error_code_t key_attach(arena_t *arena, bytes_t cose, handoff_evidence_t *piece)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  int64_t algorithm = 0;
  error_code_t error = cose_key_parse_with_rs1(cose, &key, &algorithm, NULL);
  if (error != ERR_NONE)
    return error;
  int length = i2d_PUBKEY(public_key_evp(key), NULL);
  uint8_t *memory = length > 0 ? arena_alloc(arena, (size_t)length) : NULL;
  uint8_t *end = memory;
  if (memory == NULL || i2d_PUBKEY(public_key_evp(key), &end) != length)
    return ERR_NO_MEMORY;
  piece->spki = bytes_of(memory, (size_t)length);
  piece->spki_algorithm = bytes_of_string(signature_info(algorithm)->name);
  return ERR_NONE;
}

/* A passkey that was deleted in between has nothing to bring. */
static error_code_t piece_complete(const exchange_t *exchange, database_t *database,
                                   handoff_evidence_t *piece)
{
  rp_credential_owner_t *owner = arena_alloc(exchange->arena, sizeof(*owner));
  if (owner == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = rp_credential_find(database, exchange->arena, piece->credential_id, owner);
  if (error == ERR_NONE)
    error = key_attach(exchange->arena, owner->credential.public_key, piece);
  return error == ERR_NOT_FOUND ? ERR_NONE : error;
}

error_code_t verified_keys_attach(const exchange_t *exchange, const uint8_t request[16],
                                  const handoff_session_t *session, const handoff_session_t **ret_session)
{
  handoff_session_t *copy = arena_alloc(exchange->arena, sizeof(*copy));
  if (copy == NULL)
    return ERR_NO_MEMORY;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  *copy = *session;
  error_code_t error = ERR_NONE;
  for (size_t i = 0; i < copy->evidence_count && error == ERR_NONE; i++) {
    handoff_evidence_t *piece = &copy->evidence[i];
    if (piece->signature.len > 0 && memcmp(piece->fact.request, request, sizeof(piece->fact.request)) == 0)
      error = piece_complete(exchange, read.database, piece);
  }
  *ret_session = copy;
  return error;
}

static error_code_t fill_touched(const exchange_t *exchange, const continue_ref_t *request,
                                 const rp_credential_t *credential, handoff_evidence_t *touched)
{
  sha256_t hash;
  *touched = (handoff_evidence_t){.fact = {.time_ms = exchange->now_ms,
                                           .authenticator = credential->authenticator,
                                           .attested_hardware = credential->hardware,
                                           .purpose = PURPOSE_STEP_UP,
                                           .domain = request->domain},
                                  .credential_id = credential->credential_id,
                                  .public_key = credential->public_key,
                                  .algorithm = credential->algorithm};
  memcpy(touched->fact.request, request->request, sizeof(touched->fact.request));
  error_code_t error = hash_sha256(credential->credential_id, &hash);
  if (error != ERR_NONE)
    return error;
  memcpy(touched->fact.credential, hash.bytes, sizeof(touched->fact.credential));
  return key_attach(exchange->arena, credential->public_key, touched);
}

error_code_t verified_keys_touched(const exchange_t *exchange, bytes_t user_handle,
                                   const continue_ref_t *request, bytes_t credential_id,
                                   const handoff_evidence_t **ret_touched)
{
  rp_credential_owner_t *owner = arena_alloc(exchange->arena, sizeof(*owner));
  handoff_evidence_t *touched = arena_alloc(exchange->arena, sizeof(*touched));
  *ret_touched = NULL;
  if (owner == NULL || touched == NULL)
    return ERR_NO_MEMORY;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error_code_t error = rp_credential_find(read.database, exchange->arena, credential_id, owner);
  if (error == ERR_NOT_FOUND ||
      (error == ERR_NONE &&
       !bytes_equal(bytes_of(owner->user_handle, sizeof owner->user_handle), user_handle)))
    return ERR_NONE;
  if (error == ERR_NONE)
    error = fill_touched(exchange, request, &owner->credential, touched);
  if (error == ERR_NONE)
    *ret_touched = touched;
  return error;
}
