/* Credentials that were deleted, kept for a while without their account: id and key, to tell whoever still
 * holds one that it is gone. */
#ifndef SEKISHO_STORE_RP_DELETED_CREDENTIAL_H
#define SEKISHO_STORE_RP_DELETED_CREDENTIAL_H

#include "store/database.h"
#include "store/rp_ids.h"

#define RP_DELETED_CREDENTIAL_KEPT_MS ((int64_t)180 * 24 * 3600 * 1000)

/* Before the deletion, in its transaction. credential_id none: all of the account's. */
MUST_USE error_code_t rp_deleted_credential_keep(database_t *database, rp_user_id_t user,
                                                 bytes_t credential_id, int64_t now_ms);
/* The COSE key, in the arena. ERR_NOT_FOUND when none of that id was deleted lately. */
MUST_USE error_code_t rp_deleted_credential_find(database_t *database, arena_t *arena, bytes_t credential_id,
                                                 bytes_t *ret_public_key);
/* A sweep (store_sweep_t). */
error_code_t rp_deleted_credential_sweep(database_t *database, int64_t now_ms, bool *ret_more);

#endif
