/* What `?continue=` holds: a request that waits at a domain's authority, sealed for the browser that began
 * it. The full form carries what the pages show; the short form only what leads back. */
#ifndef SEKISHO_RP_CONTINUE_HANDLE_H
#define SEKISHO_RP_CONTINUE_HANDLE_H

#include "base/arena.h"
#include "policy/requirement.h"
#include "rp/rp_keys.h"

#define CONTINUE_LIFETIME_MS ((int64_t)600 * 1000) /* as long as the authority keeps the request */
#define CONTINUE_MAX_LENGTH 6144                   /* of the text */

typedef struct continue_ref {
  domain_id_t domain;
  bytes_t handle;        /* the authority's, text */
  uint8_t request[16];   /* what evidence for this request carries */
  uint8_t browser[32];   /* hash of the browser's cookie */
  uint8_t challenge[16]; /* the domain's own, which the ceremony's begins with; zero: none */
  int64_t expires_ms;
  requirement_t requirement;
} continue_ref_t;

typedef struct continue_handle {
  continue_ref_t ref;
  bool authenticator_refused; /* the domain does not take what the session was opened with */
  bool select_account;
  bool declined;                                /* the person said no */
  bool consent;                                 /* not a sign-in is missing, but the person's word */
  bytes_t consented_by;                         /* the user handle of who said yes; empty: nobody yet */
  bytes_t client_host;                          /* with consent */
  bytes_t client_name, domain_name, login_hint; /* texts, empty in the short form */
  bytes_t details_en, details_ja;               /* authorization details in words, one a line */
  bytes_t statement_en, statement_ja;           /* SHA-256 of what is approved; empty: no approval is asked */
  bytes_t scope_titles_en, scope_titles_ja;     /* one a line */
  bytes_t touch, touched; /* of the domain's own page: its text, and the credential id; empty: none yet */
} continue_handle_t;

/* base64url text for the address, in the arena. */
MUST_USE error_code_t continue_handle_seal(arena_t *arena, const rp_keys_t *keys,
                                           const continue_handle_t *handle, bytes_t *ret_text);
/* ERR_CONTINUE unless these keys sealed it, it is not over at now_ms, and browser began it. */
MUST_USE error_code_t continue_handle_open(arena_t *arena, const rp_keys_t *keys, bytes_t text,
                                           const uint8_t browser[32], int64_t now_ms,
                                           continue_handle_t *ret_handle);

/* For whoever carries a ref inside of something that is sealed itself. */
void continue_ref_write(builder_t *builder, const continue_ref_t *ref);
/* Views into the reader's bytes; reader->failed tells. */
continue_ref_t continue_ref_read(reader_t *reader);

#endif
