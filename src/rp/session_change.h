/* What an authentication does to the browser's session. The same account: the same row with a new secret, new
 * times and the evidence added. Another account, or no session: a new row, and the old one ends. */
#ifndef SEKISHO_RP_SESSION_CHANGE_H
#define SEKISHO_RP_SESSION_CHANGE_H

#include "rp/session.h"
#include "rp/session_end.h"

typedef struct session_change {
  session_token_t token;  /* for the cookie; its id is known after the job */
  rp_session_t row;       /* as it is renewed, or inserted */
  bytes_t first_evidence; /* encoded, of a session that is opened anew */
  bool renews;            /* the old row is kept */
  bool must_renew;        /* step-up: nothing is opened when it ended meanwhile */
  bool opened;            /* what the job did: a new row */
  rp_session_owner_t old; /* id.row 0: none */
  session_end_t end;      /* when another account's session gives way */
} session_change_t;

/* On the handler's thread. old may be NULL. user.row 0: an account that the job makes first. */
MUST_USE error_code_t session_change_prepare(const exchange_t *exchange, const session_t *old,
                                             rp_user_id_t user, const handoff_evidence_t *evidence,
                                             session_change_t *ret_change);
/* In the job. *ret_changed false: must_renew, and the session is no longer what it was; nothing was written.
 */
MUST_USE error_code_t session_change_apply(database_t *database, session_change_t *change, bool *ret_changed);
/* The evidence that the session holds after the job. */
MUST_USE error_code_t session_change_evidence(const session_change_t *change,
                                              evidence_record_t *ret_evidence);

#endif
