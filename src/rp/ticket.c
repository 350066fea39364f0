#include "rp/ticket.h"

#include <string.h>

#include "base/encoding.h"

error_code_t ticket_make(new_ticket_t *ret_ticket)
{
  uint8_t secret[TICKET_LENGTH];
  error_code_t error = bearer_make(secret, ret_ticket->hash);
  base64url_write(bytes_of(secret, sizeof(secret)), (uint8_t *)ret_ticket->text);
  ret_ticket->text[TICKET_TEXT_LENGTH] = '\0';
  secret_wipe(secret, sizeof(secret));
  return error;
}

error_code_t ticket_find(const exchange_t *exchange, bytes_t text, rp_ticket_t *ret_ticket,
                         rp_user_t *ret_user)
{
  uint8_t secret[TICKET_LENGTH], hash[BEARER_HASH_LENGTH];
  if (base64url_decode_exact(text, secret, sizeof(secret)) != ERR_NONE)
    return ERR_TICKET;
  error_code_t error = bearer_hash(secret, hash);
  if (error != ERR_NONE)
    return error;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  error = rp_ticket_find(read.database, hash, exchange->now_ms, ret_ticket);
  if (error == ERR_NONE)
    error = rp_user_find_by_id(read.database, exchange->arena, ret_ticket->user, ret_user);
  if (error == ERR_NOT_FOUND || (error == ERR_NONE && ret_user->disabled))
    return ERR_TICKET;
  return error;
}
