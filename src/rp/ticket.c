#include "rp/ticket.h"

#include <string.h>

#include "base/encoding.h"
#include "crypto/hash.h"

error_code_t ticket_make(new_ticket_t *ret_ticket)
{
  uint8_t secret[TICKET_LENGTH];
  random_fill(secret, sizeof(secret));
  base64url_write(bytes_of(secret, sizeof(secret)), (uint8_t *)ret_ticket->text);
  ret_ticket->text[TICKET_TEXT_LENGTH] = '\0';
  sha256_t hash;
  error_code_t error = hash_sha256(bytes_of(secret, sizeof(secret)), &hash);
  memcpy(ret_ticket->hash, hash.bytes, sizeof(ret_ticket->hash));
  secret_wipe(secret, sizeof(secret));
  return error;
}

error_code_t ticket_find(const exchange_t *exchange, bytes_t text, rp_ticket_t *ret_ticket,
                         rp_user_t *ret_user)
{
  uint8_t secret[TICKET_LENGTH];
  sha256_t hash;
  if (base64url_decode_exact(text, secret, sizeof(secret)) != ERR_NONE)
    return ERR_TICKET;
  error_code_t error = hash_sha256(bytes_of(secret, sizeof(secret)), &hash);
  if (error != ERR_NONE)
    return error;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error = rp_ticket_find(read.database, hash.bytes, exchange->now_ms, ret_ticket);
  if (error == ERR_NONE)
    error = rp_user_find_by_id(read.database, exchange->arena, ret_ticket->user, ret_user);
  if (error == ERR_NOT_FOUND || (error == ERR_NONE && ret_user->disabled))
    return ERR_TICKET;
  return error;
}
