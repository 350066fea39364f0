/* Credential records (WebAuthn L3 §4) and whose they are. */
#ifndef SEKISHO_STORE_RP_CREDENTIAL_H
#define SEKISHO_STORE_RP_CREDENTIAL_H

#include "policy/authenticator.h"
#include "store/database.h"
#include "store/rp_user.h"

#define RP_CREDENTIALS_MAX 32 /* of one account */

typedef enum tristate { TRISTATE_UNKNOWN = -1, TRISTATE_NO = 0, TRISTATE_YES = 1 } tristate_t;

/* What extensions said at registration (WebAuthn L3 §10, CTAP 2.1 §12). */
typedef struct credential_extensions {
  tristate_t discoverable, prf, large_blob;
  int cred_protect;   /* 1 to 3; 0: not said */
  int min_pin_length; /* 0: not said */
} credential_extensions_t;

typedef struct rp_credential {
  rp_credential_id_t id;
  bytes_t credential_id;
  rp_user_id_t user;
  bytes_t public_key; /* COSE */
  int64_t algorithm;
  uint32_t sign_count;
  authenticator_t authenticator;
  bool backup_eligible, backed_up, uv_initialized;
  bool attested;                                          /* its attestation reached a trust root */
  bool hardware;                                          /* and that vouches for hardware */
  bytes_t format, attestation_type, attachment, nickname; /* texts */
  bytes_t transports;                                     /* names with commas between them */
  bytes_t key_identifier;                  /* of its attestation certificate, where the model has no AAGUID */
  credential_extensions_t extensions;      /* only listed and inserted */
  int64_t created_ms, last_used_ms;        /* last_used_ms 0: never */
  bytes_t attestation_object, client_data; /* of the registration; only for insert */
} rp_credential_t;

/* What a login needs, in one read: the key, and the account that owns it. */
typedef struct rp_credential_owner {
  rp_credential_t credential; /* id, ids, key, counter, flags and model only */
  uint8_t user_handle[RP_USER_HANDLE_LENGTH];
  bytes_t username;
  bool user_disabled;
} rp_credential_owner_t;

MUST_USE error_code_t rp_credential_find(database_t *database, arena_t *arena, bytes_t credential_id,
                                         rp_credential_owner_t *ret_owner);

/* The attestation object of its registration, in the arena; ERR_NOT_FOUND when it is gone. */
MUST_USE error_code_t rp_credential_attestation(database_t *database, arena_t *arena, rp_credential_id_t id,
                                                bytes_t *ret_object);

/* An account's credentials, oldest first, at most RP_CREDENTIALS_MAX; in the arena. */
MUST_USE error_code_t rp_credential_list(database_t *database, arena_t *arena, rp_user_id_t user,
                                         rp_credential_t **ret_items, size_t *ret_count);

/* What options tell a browser about the credentials of a name. */
typedef struct rp_credential_hint {
  bytes_t credential_id, transports;
} rp_credential_hint_t;
typedef struct rp_credential_hints {
  uint8_t user_handle[RP_USER_HANDLE_LENGTH];
  bool user_found; /* an enabled account of that name exists */
  rp_credential_hint_t items[RP_CREDENTIALS_MAX];
  size_t count;
} rp_credential_hints_t;
/* The same single query whether or not the name is known. */
MUST_USE error_code_t rp_credential_hints(database_t *database, arena_t *arena, bytes_t username_key,
                                          rp_credential_hints_t *ret_hints);

MUST_USE error_code_t rp_credential_exists(database_t *database, bytes_t credential_id, bool *ret_exists);
/* ERR_CONFLICT when the credential id is taken by anyone. */
MUST_USE error_code_t rp_credential_insert(database_t *database, const rp_credential_t *credential);

/* Records a use, if the credential is still there, its account enabled, and the counter has grown or stays
 * at zero (WebAuthn L3 §7.2 steps 23 to 25). *ret_used false: nothing was changed. */
typedef struct rp_credential_use {
  rp_credential_id_t id;
  uint32_t sign_count;
  bool stale_count; /* the counter need not have grown; it is never lowered */
  bool backed_up, user_verified;
  int64_t time_ms;
} rp_credential_use_t;
/* As it is now. ERR_NOT_FOUND when the credential is gone, or its account disabled. */
MUST_USE error_code_t rp_credential_sign_count(database_t *database, rp_credential_id_t id,
                                               uint32_t *ret_sign_count);
MUST_USE error_code_t rp_credential_use(database_t *database, const rp_credential_use_t *use, bool *ret_used);

/* Rename and delete touch the account's own only: ERR_NOT_FOUND otherwise. */
MUST_USE error_code_t rp_credential_rename(database_t *database, rp_user_id_t user, bytes_t credential_id,
                                           bytes_t nickname);
/* Its id and key are kept for a while (rp_deleted_credential.h). */
MUST_USE error_code_t rp_credential_delete(database_t *database, rp_user_id_t user, bytes_t credential_id,
                                           int64_t now_ms);
MUST_USE error_code_t rp_credential_count(database_t *database, rp_user_id_t user, int64_t *ret_count);

#endif
