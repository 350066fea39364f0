/* What the authorities must be told: written in the transaction that ends a session, delivered afterwards in
 * order, at least once. */
#ifndef SEKISHO_STORE_RP_OUTBOX_H
#define SEKISHO_STORE_RP_OUTBOX_H

#include "store/database.h"

#define RP_OUTBOX_TOPIC "outbox" /* announced when there is something new to tell */
typedef enum rp_outbox_kind {
  RP_OUTBOX_SESSION_ENDED,
  RP_OUTBOX_ACCOUNT_ENDED,
  RP_OUTBOX_CREDENTIAL_CHANGED,
} rp_outbox_kind_t;
#define RP_OUTBOX_KINDS 3

typedef struct rp_outbox_entry {
  rp_outbox_kind_t kind;
  bytes_t domain;   /* text */
  int64_t sequence; /* 1, 2, 3 … of this domain; given by the outbox */
  bytes_t session;  /* text: the pairwise sid that the kind is about, or that is kept; may be empty */
  bytes_t subject;  /* text: pairwise; of ACCOUNT_ENDED, else empty */
  int64_t ended_ms;
} rp_outbox_entry_t;

MUST_USE error_code_t rp_outbox_add(database_t *database, const rp_outbox_entry_t *entry);
/* The domain's oldest entry with a sequence above after; ERR_NOT_FOUND when there is none. */
MUST_USE error_code_t rp_outbox_next(database_t *database, arena_t *arena, bytes_t domain, int64_t after,
                                     rp_outbox_entry_t *ret_entry);
/* Forgets the domain's entries up to sequence: they were delivered. */
MUST_USE error_code_t rp_outbox_delivered(database_t *database, bytes_t domain, int64_t sequence);

#endif
