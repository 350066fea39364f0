/* Enrolment tickets: what an operator's link carries. Good for fifteen minutes and once. */
#ifndef SEKISHO_RP_TICKET_H
#define SEKISHO_RP_TICKET_H

#include "base/clock.h"
#include "crypto/bearer.h"
#include "rp/rp.h"
#include "store/rp_ticket.h"
#include "store/rp_user.h"

#define TICKET_LIFETIME_MS SECONDS_MS(900)
#define TICKET_LENGTH BEARER_LENGTH
#define TICKET_TEXT_LENGTH 43

/* A fresh one: its text for the link, and the hash that is kept. */
typedef struct new_ticket {
  char text[TICKET_TEXT_LENGTH + 1];
  uint8_t hash[BEARER_HASH_LENGTH];
} new_ticket_t;
MUST_USE error_code_t ticket_make(new_ticket_t *ret_ticket);

/* ERR_TICKET when it is unknown, spent or too old, or its account disabled. */
MUST_USE error_code_t ticket_find(const exchange_t *exchange, bytes_t text, rp_ticket_t *ret_ticket,
                                  rp_user_t *ret_user);

#endif
