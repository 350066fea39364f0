#include "store/rp_deleted_credential.h"

#define SWEEP_BATCH 200

error_code_t rp_deleted_credential_keep(database_t *database, rp_user_id_t user, bytes_t credential_id,
                                        int64_t now_ms)
{
  statement_t *insert =
      database_statement(database, "INSERT INTO deleted_credentials (credential_id, public_key, deleted_ms) "
                                   "SELECT credential_id, public_key, ?3 FROM credentials "
                                   "WHERE user_id = ?1 AND (?2 = x'' OR credential_id = ?2) "
                                   "ON CONFLICT (credential_id) DO UPDATE SET "
                                   "public_key = excluded.public_key, deleted_ms = excluded.deleted_ms");
  statement_bind_integer(insert, 1, user.row);
  statement_bind_blob(insert, 2, credential_id);
  statement_bind_integer(insert, 3, now_ms);
  return statement_run(insert, NULL);
}

error_code_t rp_deleted_credential_find(database_t *database, arena_t *arena, bytes_t credential_id,
                                        bytes_t *ret_public_key)
{
  statement_t *select =
      database_statement(database, "SELECT public_key FROM deleted_credentials WHERE credential_id = ?1");
  statement_bind_blob(select, 1, credential_id);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  bytes_t key = statement_blob_copy(select, 0, arena);
  statement_reset(select);
  if (key.data == NULL)
    return ERR_NO_MEMORY;
  *ret_public_key = key;
  return ERR_NONE;
}

error_code_t rp_deleted_credential_sweep(database_t *database, int64_t now_ms, bool *ret_more)
{
  statement_t *delete = database_statement(
      database, "DELETE FROM deleted_credentials WHERE id IN "
                "(SELECT id FROM deleted_credentials WHERE deleted_ms <= ?1 ORDER BY deleted_ms LIMIT 200)");
  statement_bind_integer(delete, 1, now_ms - RP_DELETED_CREDENTIAL_KEPT_MS);
  int64_t changes = 0;
  error_code_t error = statement_run(delete, &changes);
  if (error == ERR_NONE)
    *ret_more = changes == SWEEP_BATCH;
  return error;
}
