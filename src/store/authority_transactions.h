/* Approved transactions: what a person was shown, and the signature over it, kept for disputes. */
#ifndef SEKISHO_STORE_AUTHORITY_TRANSACTIONS_H
#define SEKISHO_STORE_AUTHORITY_TRANSACTIONS_H

#include "store/database.h"

typedef struct transaction {
  bytes_t id; /* text: the authorization request's */
  int64_t time_ms;
  bytes_t client, subject;
  bytes_t language, shown; /* "en" or "ja", and the text in it */
  bytes_t details;         /* canonical */
  bytes_t statement;       /* canonical: what the challenge covers the hash of */
  bytes_t credential_id, authenticator_data, client_data, signature;
  bytes_t public_key; /* COSE, as the login server has it */
  int64_t algorithm;  /* COSE number */
} transaction_t;

MUST_USE error_code_t transaction_add(database_t *database, const transaction_t *transaction);
/* In the arena. ERR_TRANSACTION when there is none. */
MUST_USE error_code_t transaction_find(database_t *database, arena_t *arena, bytes_t id,
                                       transaction_t *ret_transaction);

#endif
