/* Grants: what a domain has given a client for a session. A grant begins as an authorization code, is
 * redeemed once, may go on as a family of refresh tokens (authority_refresh.h), and lives until the last
 * token made from it is dead. Codes are kept as hashes. */
#ifndef SEKISHO_STORE_AUTHORITY_GRANTS_H
#define SEKISHO_STORE_AUTHORITY_GRANTS_H

#include "store/store.h"

#define GRANT_REVOCATIONS_TOPIC "revocations" /* announced when grants end before their time */

/* Random; names the grant in its tokens and in the revocation set. */
typedef struct grant_ref {
  uint8_t bytes[16];
} grant_ref_t;

typedef struct grant {
  grant_ref_t ref;
  bytes_t client, subject, session; /* texts; subject and session are pairwise. No session: a client's own */
  bytes_t scope;                    /* space separated */
  bytes_t nonce;                    /* empty when none was sent */
  bytes_t acr, amr;                 /* level name, space separated methods */
  bytes_t levels;                   /* the tokens' `levels` claim, JSON text */
  int64_t auth_time_ms;
  int64_t session_expires_ms; /* no token outlives the session */
  bool refreshes;             /* its code gives a refresh token, too */
  bool outlives;              /* it goes on when its session has ended, once redeemed */
  bool consented;             /* its person was asked, now or before */
  bytes_t details;            /* authorization details, canonical JSON; of a refresh: those that last */
  bytes_t lasting_details;    /* when it is opened: those of them that refreshing gives again */
  bytes_t confirmation;       /* the key that its code is bound to (authority/confirmation.h); empty: none */
} grant_t;

typedef struct code_terms {
  uint8_t hash[32]; /* SHA-256 of the code's secret */
  bytes_t redirect_uri;
  uint8_t challenge[32]; /* PKCE S256 */
  int64_t expires_ms;
} code_terms_t;

/* ERR_SESSION_ENDED when the session ended in between. *ret_row is the code's row id. */
MUST_USE error_code_t grant_open(database_t *database, const grant_t *grant, const code_terms_t *code,
                                 int64_t *ret_row);

/* What a client is given in its own name: no session, no code; the grant's session and levels are empty. Its
 * row has this in place of a session. */
#define GRANT_OF_NO_SESSION "-"
MUST_USE error_code_t grant_open_for_client(database_t *database, const grant_t *grant, int64_t now_ms,
                                            int64_t expires_ms);

typedef struct code_presented {
  int64_t row;
  uint8_t hash[32];
  bytes_t client, redirect_uri;
  uint8_t challenge[32]; /* S256 of the verifier; zero when that has no valid form */
  bytes_t confirmation;  /* of the key that was proven; empty: none */
  bool binds_refresh;    /* its refresh tokens are for that key alone */
  int64_t now_ms;
  int64_t horizon_ms; /* no code made until now expires later: one that does is from a clock that ran ahead */
  int64_t token_lifetime_ms;
  int64_t refresh_idle_ms, refresh_absolute_ms;
} code_presented_t;

typedef enum code_verdict {
  CODE_REDEEMED,
  CODE_UNKNOWN,    /* no such code, late, or revoked before */
  CODE_MISMATCHED, /* another client, redirect URI, verifier or key: the code is burned */
  CODE_REPLAYED,   /* used before: what the first use gave is revoked */
} code_verdict_t;

typedef struct code_outcome {
  code_verdict_t verdict;
  grant_t grant;            /* REDEEMED: copied into the arena; otherwise only ref, where known */
  int64_t token_expires_ms; /* when its last token ends: for the revocation set, too */
} code_outcome_t;

/* One try a code: whatever is wrong with it, it cannot be tried again. */
MUST_USE error_code_t grant_redeem(database_t *database, arena_t *arena, const code_presented_t *presented,
                                   code_outcome_t *ret_outcome);

/* Whatever came of it is over; it need not be there. */
MUST_USE error_code_t grant_revoke(database_t *database, int64_t row, int64_t now_ms);

/* Calls visit for each grant that is revoked and whose tokens may still live. */
typedef void grant_revoked_t(void *context, grant_ref_t ref, int64_t until_ms);
MUST_USE error_code_t grant_each_revoked(database_t *database, int64_t now_ms, grant_revoked_t *visit,
                                         void *context);
/* Ends a session: revokes its codes, and the grants that do not outlive it, and refuses later ones.
 * Idempotent; visit is called for the grants that were alive. */
MUST_USE error_code_t grant_end_session(database_t *database, bytes_t session, int64_t sequence,
                                        int64_t now_ms, grant_revoked_t *visit, void *context);
/* Revokes all that a session's clients were given; the session itself goes on. */
MUST_USE error_code_t grant_end_of_session(database_t *database, bytes_t session, int64_t now_ms,
                                           grant_revoked_t *visit, void *context);
/* Revokes the grants of a person that outlive their sessions, but those of the session kept (empty: none is).
 */
MUST_USE error_code_t grant_end_account(database_t *database, bytes_t subject, bytes_t kept, int64_t now_ms,
                                        grant_revoked_t *visit, void *context);
/* Revokes what a client was given. Idempotent; visit is called for the grants that were alive. */
MUST_USE error_code_t grant_end_client(database_t *database, bytes_t client, int64_t now_ms,
                                       grant_revoked_t *visit, void *context);
/* The same of what one person allowed a client. */
MUST_USE error_code_t grant_end_consented(database_t *database, bytes_t subject, bytes_t client,
                                          int64_t now_ms, grant_revoked_t *visit, void *context);
error_code_t grant_sweep(database_t *database, int64_t now_ms, bool *ret_more);

#endif
