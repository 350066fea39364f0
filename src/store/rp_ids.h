/* Row ids of the relying party's store, each a type of its own. 0 is no row. */
#ifndef SEKISHO_STORE_RP_IDS_H
#define SEKISHO_STORE_RP_IDS_H

#include <stdint.h>

typedef struct rp_user_id {
  int64_t row;
} rp_user_id_t;

typedef struct rp_credential_id {
  int64_t row;
} rp_credential_id_t;

typedef struct rp_session_id {
  int64_t row;
} rp_session_id_t;

typedef struct rp_ticket_id {
  int64_t row;
} rp_ticket_id_t;

#endif
