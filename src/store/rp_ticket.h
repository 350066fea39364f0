/* Enrolment tickets: one-time ways to a passkey for an account, made by an operator. Kept as hashes. */
#ifndef SEKISHO_STORE_RP_TICKET_H
#define SEKISHO_STORE_RP_TICKET_H

#include "store/database.h"
#include "store/rp_ids.h"

typedef enum rp_ticket_kind {
  RP_TICKET_INVITE,   /* the first passkey of an account that an operator made */
  RP_TICKET_RECOVERY, /* a new passkey for someone who lost theirs */
} rp_ticket_kind_t;

typedef struct rp_ticket {
  rp_ticket_id_t id;
  rp_user_id_t user;
  rp_ticket_kind_t kind;
  int64_t expires_ms;
} rp_ticket_t;

MUST_USE error_code_t rp_ticket_insert(database_t *database, const rp_ticket_t *ticket,
                                       const uint8_t hash[32]);
/* ERR_NOT_FOUND when there is none that is unspent and not expired at now_ms. */
MUST_USE error_code_t rp_ticket_find(database_t *database, const uint8_t hash[32], int64_t now_ms,
                                     rp_ticket_t *ret_ticket);
MUST_USE error_code_t rp_ticket_spend(database_t *database, rp_ticket_id_t id, int64_t now_ms,
                                      bool *ret_spent);
/* Whether the account has an unspent recovery ticket. */
MUST_USE error_code_t rp_ticket_has_recovery(database_t *database, rp_user_id_t user, int64_t now_ms,
                                             bool *ret_has);
/* A sweep (store_sweep_t). */
error_code_t rp_ticket_sweep(database_t *database, int64_t now_ms, bool *ret_more);

#endif
