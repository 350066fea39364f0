/* Accounts. */
#ifndef SEKISHO_STORE_RP_USER_H
#define SEKISHO_STORE_RP_USER_H

#include "store/database.h"
#include "store/rp_ids.h"

#define RP_USER_HANDLE_LENGTH 32

typedef struct rp_user {
  rp_user_id_t id;
  uint8_t handle[RP_USER_HANDLE_LENGTH]; /* random: WebAuthn's user.id */
  bytes_t username_key;                  /* canonical form, unique */
  bytes_t username, display_name;        /* as they were typed */
  bool disabled;
  int64_t created_ms;
} rp_user_t;

/* ERR_NOT_FOUND when there is none. Texts live in the arena. */
MUST_USE error_code_t rp_user_find(database_t *database, arena_t *arena, bytes_t username_key,
                                   rp_user_t *ret_user);
MUST_USE error_code_t rp_user_find_by_id(database_t *database, arena_t *arena, rp_user_id_t id,
                                         rp_user_t *ret_user);
MUST_USE error_code_t rp_user_find_by_handle(database_t *database, arena_t *arena,
                                             const uint8_t handle[RP_USER_HANDLE_LENGTH],
                                             rp_user_t *ret_user);
/* ERR_CONFLICT when the name or the handle is taken. */
MUST_USE error_code_t rp_user_insert(database_t *database, const rp_user_t *user, rp_user_id_t *ret_id);
/* ERR_NOT_FOUND when there is no such row. */
MUST_USE error_code_t rp_user_set_disabled(database_t *database, rp_user_id_t id, bool disabled);
/* With credentials, sessions and tickets; ids and keys of its credentials are kept for a while
 * (rp_deleted_credential.h). */
MUST_USE error_code_t rp_user_delete(database_t *database, rp_user_id_t id, int64_t now_ms);

/* Users in the order of their canonical names, behind after (empty: from the first), at most limit; the views
 * end with the visit. */
typedef void rp_user_visit_t(void *context, const rp_user_t *user, int64_t credentials, int64_t last_used_ms);
MUST_USE error_code_t rp_user_each(database_t *database, bytes_t after, int64_t limit, rp_user_visit_t *visit,
                                   void *context);

#endif
