#include "store/rp_credential.h"

#include "store/rp_deleted_credential.h"

/* The columns that every read begins with, in the order of row_read. */
#define CORE                                                                                                 \
  "c.id, c.credential_id, c.user_id, c.public_key, c.algorithm, c.sign_count, c.aaguid, "                    \
  "c.backup_eligible, c.backed_up, c.uv_initialized, c.attested, c.vouching, c.certification, c.hardware"
#define CORE_COUNT 14

static bool core_read(statement_t *row, arena_t *arena, rp_credential_t *ret_credential)
{
  rp_credential_t credential = {.id = {statement_integer(row, 0)},
                                .credential_id = statement_blob_copy(row, 1, arena),
                                .user = {statement_integer(row, 2)},
                                .public_key = statement_blob_copy(row, 3, arena),
                                .algorithm = statement_integer(row, 4),
                                .sign_count = (uint32_t)statement_integer(row, 5),
                                .backup_eligible = statement_integer(row, 7) != 0,
                                .backed_up = statement_integer(row, 8) != 0,
                                .uv_initialized = statement_integer(row, 9) != 0,
                                .attested = statement_integer(row, 10) != 0,
                                .hardware = statement_integer(row, 13) != 0};
  credential.authenticator.vouching = (vouching_t)statement_integer(row, 11);
  credential.authenticator.certification = (certification_t)statement_integer(row, 12);
  if (!statement_blob_exact(row, 6, credential.authenticator.aaguid.bytes,
                            sizeof(credential.authenticator.aaguid.bytes)) ||
      credential.credential_id.data == NULL || credential.public_key.data == NULL)
    return false;
  *ret_credential = credential;
  return true;
}

error_code_t rp_credential_find(database_t *database, arena_t *arena, bytes_t credential_id,
                                rp_credential_owner_t *ret_owner)
{
  statement_t *select = database_statement(
      database, "SELECT " CORE ", u.handle, u.username, u.disabled, c.key_identifier FROM credentials c "
                "JOIN users u ON u.id = c.user_id WHERE c.credential_id = ?1");
  statement_bind_blob(select, 1, credential_id);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  rp_credential_owner_t owner = {0};
  bool complete = core_read(select, arena, &owner.credential) &&
                  statement_blob_exact(select, CORE_COUNT, owner.user_handle, sizeof(owner.user_handle));
  owner.username = statement_text_copy(select, CORE_COUNT + 1, arena);
  owner.user_disabled = statement_integer(select, CORE_COUNT + 2) != 0;
  owner.credential.key_identifier = statement_blob_copy(select, CORE_COUNT + 3, arena);
  statement_reset(select);
  if (!complete || owner.username.data == NULL)
    return ERR_STORE_FAILED;
  *ret_owner = owner;
  return ERR_NONE;
}

error_code_t rp_credential_attestation(database_t *database, arena_t *arena, rp_credential_id_t id,
                                       bytes_t *ret_object)
{
  statement_t *select =
      database_statement(database, "SELECT attestation_object FROM credentials WHERE id = ?1");
  statement_bind_integer(select, 1, id.row);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  bytes_t object = statement_blob_copy(select, 0, arena);
  statement_reset(select);
  if (object.data == NULL)
    return ERR_NO_MEMORY;
  *ret_object = object;
  return ERR_NONE;
}

static bool details_read(statement_t *row, arena_t *arena, rp_credential_t *ret_credential)
{
  if (!core_read(row, arena, ret_credential))
    return false;
  ret_credential->format = statement_text_copy(row, CORE_COUNT, arena);
  ret_credential->attestation_type = statement_text_copy(row, CORE_COUNT + 1, arena);
  ret_credential->attachment = statement_text_copy(row, CORE_COUNT + 2, arena);
  ret_credential->transports = statement_text_copy(row, CORE_COUNT + 3, arena);
  ret_credential->nickname = statement_text_copy(row, CORE_COUNT + 4, arena);
  ret_credential->created_ms = statement_integer(row, CORE_COUNT + 5);
  ret_credential->last_used_ms = statement_integer(row, CORE_COUNT + 6);
  ret_credential->key_identifier = statement_blob_copy(row, CORE_COUNT + 7, arena);
  ret_credential->extensions = (credential_extensions_t){
      .discoverable = (tristate_t)statement_integer(row, CORE_COUNT + 8),
      .prf = (tristate_t)statement_integer(row, CORE_COUNT + 9),
      .large_blob = (tristate_t)statement_integer(row, CORE_COUNT + 10),
      .cred_protect = (int)statement_integer(row, CORE_COUNT + 11),
      .min_pin_length = (int)statement_integer(row, CORE_COUNT + 12),
  };
  return true;
}

error_code_t rp_credential_list(database_t *database, arena_t *arena, rp_user_id_t user,
                                rp_credential_t **ret_items, size_t *ret_count)
{
  rp_credential_t *items = arena_alloc(arena, RP_CREDENTIALS_MAX * sizeof(*items));
  if (items == NULL)
    return ERR_NO_MEMORY;
  statement_t *select = database_statement(
      database, "SELECT " CORE ", c.format, c.attestation_type, c.attachment, "
                "c.transports, c.nickname, c.created_ms, c.last_used_ms, c.key_identifier, "
                "c.discoverable, c.prf, c.large_blob, c.cred_protect, c.min_pin_length "
                "FROM credentials c WHERE c.user_id = ?1 ORDER BY c.id LIMIT 32");
  statement_bind_integer(select, 1, user.row);
  size_t count = 0;
  for (;;) {
    bool found = false;
    error_code_t error = statement_step(select, &found);
    if (error != ERR_NONE)
      return error;
    if (!found)
      break;
    if (count == RP_CREDENTIALS_MAX || !details_read(select, arena, &items[count])) {
      statement_reset(select);
      return ERR_STORE_FAILED;
    }
    count++;
  }
  *ret_items = items;
  *ret_count = count;
  return ERR_NONE;
}

error_code_t rp_credential_hints(database_t *database, arena_t *arena, bytes_t username_key,
                                 rp_credential_hints_t *ret_hints)
{
  statement_t *select =
      database_statement(database, "SELECT u.handle, c.credential_id, c.transports FROM users u "
                                   "LEFT JOIN credentials c ON c.user_id = u.id "
                                   "WHERE u.username_key = ?1 AND u.disabled = 0 ORDER BY c.id LIMIT 32");
  statement_bind_text(select, 1, username_key);
  ret_hints->user_found = false;
  ret_hints->count = 0;
  for (;;) {
    bool found = false;
    error_code_t error = statement_step(select, &found);
    if (error != ERR_NONE)
      return error;
    if (!found)
      return ERR_NONE;
    ret_hints->user_found = true;
    bool complete = statement_blob_exact(select, 0, ret_hints->user_handle, sizeof(ret_hints->user_handle));
    if (complete && !statement_is_null(select, 1) && ret_hints->count < RP_CREDENTIALS_MAX) {
      rp_credential_hint_t *hint = &ret_hints->items[ret_hints->count++];
      *hint = (rp_credential_hint_t){statement_blob_copy(select, 1, arena),
                                     statement_text_copy(select, 2, arena)};
      complete = hint->credential_id.data != NULL;
    }
    if (!complete) {
      statement_reset(select);
      return ERR_STORE_FAILED;
    }
  }
}

error_code_t rp_credential_exists(database_t *database, bytes_t credential_id, bool *ret_exists)
{
  statement_t *select = database_statement(database, "SELECT 1 FROM credentials WHERE credential_id = ?1");
  statement_bind_blob(select, 1, credential_id);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (found)
    statement_reset(select);
  *ret_exists = found;
  return ERR_NONE;
}

error_code_t rp_credential_insert(database_t *database, const rp_credential_t *credential)
{
  statement_t *insert = database_statement(
      database,
      "INSERT INTO credentials (credential_id, user_id, public_key, algorithm, sign_count, aaguid, "
      "backup_eligible, backed_up, uv_initialized, attested, format, attestation_type, attachment, "
      "transports, nickname, created_ms, last_used_ms, attestation_object, client_data, vouching, "
      "certification, hardware, key_identifier, discoverable, prf, large_blob, cred_protect, "
      "min_pin_length) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
      "?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)");
  statement_bind_blob(insert, 1, credential->credential_id);
  statement_bind_integer(insert, 2, credential->user.row);
  statement_bind_blob(insert, 3, credential->public_key);
  statement_bind_integer(insert, 4, credential->algorithm);
  statement_bind_integer(insert, 5, credential->sign_count);
  statement_bind_blob(
      insert, 6,
      bytes_of(credential->authenticator.aaguid.bytes, sizeof(credential->authenticator.aaguid.bytes)));
  statement_bind_integer(insert, 7, credential->backup_eligible);
  statement_bind_integer(insert, 8, credential->backed_up);
  statement_bind_integer(insert, 9, credential->uv_initialized);
  statement_bind_integer(insert, 10, credential->attested);
  statement_bind_text(insert, 11, credential->format);
  statement_bind_text(insert, 12, credential->attestation_type);
  statement_bind_text(insert, 13, credential->attachment);
  statement_bind_text(insert, 14, credential->transports);
  statement_bind_text(insert, 15, credential->nickname);
  statement_bind_integer(insert, 16, credential->created_ms);
  statement_bind_integer(insert, 17, credential->last_used_ms);
  statement_bind_blob(insert, 18, credential->attestation_object);
  statement_bind_blob(insert, 19, credential->client_data);
  statement_bind_integer(insert, 20, credential->authenticator.vouching);
  statement_bind_integer(insert, 21, credential->authenticator.certification);
  statement_bind_integer(insert, 22, credential->hardware);
  statement_bind_blob(insert, 23, credential->key_identifier);
  statement_bind_integer(insert, 24, credential->extensions.discoverable);
  statement_bind_integer(insert, 25, credential->extensions.prf);
  statement_bind_integer(insert, 26, credential->extensions.large_blob);
  statement_bind_integer(insert, 27, credential->extensions.cred_protect);
  statement_bind_integer(insert, 28, credential->extensions.min_pin_length);
  return statement_run(insert, NULL);
}

error_code_t rp_credential_use(database_t *database, const rp_credential_use_t *use, bool *ret_used)
{
  statement_t *update = database_statement(
      database, "UPDATE credentials SET sign_count = max(sign_count, ?2), backed_up = ?3, "
                "uv_initialized = uv_initialized | ?4, last_used_ms = ?5 "
                "WHERE id = ?1 AND (sign_count < ?2 OR (sign_count = 0 AND ?2 = 0) OR ?6 = 1) "
                "AND (SELECT disabled FROM users WHERE users.id = credentials.user_id) = 0");
  statement_bind_integer(update, 1, use->id.row);
  statement_bind_integer(update, 2, use->sign_count);
  statement_bind_integer(update, 3, use->backed_up);
  statement_bind_integer(update, 4, use->user_verified);
  statement_bind_integer(update, 5, use->time_ms);
  statement_bind_integer(update, 6, use->stale_count);
  int64_t changes = 0;
  error_code_t error = statement_run(update, &changes);
  if (error == ERR_NONE)
    *ret_used = changes == 1;
  return error;
}

error_code_t rp_credential_sign_count(database_t *database, rp_credential_id_t id, uint32_t *ret_sign_count)
{
  statement_t *select =
      database_statement(database, "SELECT c.sign_count FROM credentials c JOIN users u ON u.id = c.user_id "
                                   "WHERE c.id = ?1 AND u.disabled = 0");
  statement_bind_integer(select, 1, id.row);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  if (!found)
    return ERR_NOT_FOUND;
  *ret_sign_count = (uint32_t)statement_integer(select, 0);
  statement_reset(select);
  return ERR_NONE;
}

static error_code_t run_on_one(statement_t *statement)
{
  int64_t changes = 0;
  error_code_t error = statement_run(statement, &changes);
  if (error == ERR_NONE && changes == 0)
    return ERR_NOT_FOUND;
  return error;
}

error_code_t rp_credential_rename(database_t *database, rp_user_id_t user, bytes_t credential_id,
                                  bytes_t nickname)
{
  statement_t *update = database_statement(
      database, "UPDATE credentials SET nickname = ?3 WHERE credential_id = ?2 AND user_id = ?1");
  statement_bind_integer(update, 1, user.row);
  statement_bind_blob(update, 2, credential_id);
  statement_bind_text(update, 3, nickname);
  return run_on_one(update);
}

error_code_t rp_credential_delete(database_t *database, rp_user_id_t user, bytes_t credential_id,
                                  int64_t now_ms)
{
  error_code_t error = rp_deleted_credential_keep(database, user, credential_id, now_ms);
  if (error != ERR_NONE)
    return error;
  statement_t *delete =
      database_statement(database, "DELETE FROM credentials WHERE credential_id = ?2 AND user_id = ?1");
  statement_bind_integer(delete, 1, user.row);
  statement_bind_blob(delete, 2, credential_id);
  return run_on_one(delete);
}

error_code_t rp_credential_count(database_t *database, rp_user_id_t user, int64_t *ret_count)
{
  statement_t *select = database_statement(database, "SELECT count(*) FROM credentials WHERE user_id = ?1");
  statement_bind_integer(select, 1, user.row);
  bool found = false;
  error_code_t error = statement_step(select, &found);
  if (error != ERR_NONE)
    return error;
  int64_t count = found ? statement_integer(select, 0) : 0;
  statement_reset(select);
  *ret_count = count;
  return ERR_NONE;
}
