/* What a ceremony was started for. The challenge's MAC covers these terms, and they travel sealed in one
 * cookie, so that nothing about the ceremony is decided anew, or by the caller, when the result comes. */
#ifndef SEKISHO_RP_CEREMONY_TERMS_H
#define SEKISHO_RP_CEREMONY_TERMS_H

#include "policy/evidence.h"
#include "rp/continue_handle.h"
#include "store/rp_credential.h"
#include "webauthn/extensions.h"

typedef enum ceremony_kind { CEREMONY_REGISTRATION = 1, CEREMONY_ASSERTION = 2 } ceremony_kind_t;

#define ALLOW_TAG_LENGTH 8
/* The start of a credential id's SHA-256: an allowed credential must also be the named user's. */
typedef struct allow_tag {
  uint8_t bytes[ALLOW_TAG_LENGTH];
} allow_tag_t;

typedef struct ceremony_terms {
  ceremony_kind_t kind;
  purpose_t purpose;
  bool require_uv;
  bool conditional; /* registration in the background: the user need not be present (WebAuthn L3 §5.1.3) */
  bool has_user;    /* who it is for is known: the account's handle, or a decoy's */
  uint8_t user_handle[RP_USER_HANDLE_LENGTH];
  rp_session_id_t session; /* the session that it renews; row 0: none */
  rp_ticket_id_t ticket;   /* row 0: none */
  bool new_account;        /* registration: makes the account of these names */
  bytes_t username, display_name;
  allow_tag_t allow[RP_CREDENTIALS_MAX];
  size_t allow_count;           /* 0: any of the user, or of anybody */
  extension_terms_t extensions; /* but refuse_unsolicited, which is the configuration's */
  bool has_statement;           /* the signature approves something: a transaction */
  uint8_t statement[32];        /* SHA-256 of it, in the language shown */
  bool has_continuation;
  continue_ref_t continuation;
} ceremony_terms_t;

#define CEREMONY_TERMS_MAX_LENGTH 1456

/* The one encoding; in the arena. */
MUST_USE error_code_t ceremony_terms_build(arena_t *arena, const ceremony_terms_t *terms, bytes_t *ret_bytes);
/* Views into bytes. ERR_CHALLENGE for anything that was not built by the above. */
MUST_USE error_code_t ceremony_terms_parse(bytes_t bytes, ceremony_terms_t *ret_terms);

/* hash: SHA-256 of the credential id. */
bool ceremony_terms_allow(const ceremony_terms_t *terms, const uint8_t hash[32]);
MUST_USE error_code_t ceremony_terms_add_allowed(ceremony_terms_t *terms, bytes_t credential_id);

#endif
