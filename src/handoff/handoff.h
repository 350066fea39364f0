/* The hand-off: all that rp and authority ever say to each other. JSON over HTTP over a Unix socket (mutual
 * TLS between hosts, later). No message says "sign this": the rp brings evidence, the authority constructs
 * every claim itself. */
#ifndef SEKISHO_HANDOFF_HANDOFF_H
#define SEKISHO_HANDOFF_HANDOFF_H

#include "base/arena.h"
#include "policy/requirement.h"

/* One piece of evidence: what the rp concluded, beside the bytes it concluded it from, so that a domain can
 * judge for itself. The bytes may be empty for evidence whose assertion is no longer kept. */
typedef struct handoff_evidence {
  evidence_t fact;
  bytes_t credential_id, authenticator_data, client_data, signature;
  bytes_t public_key; /* COSE, beside an approval: for whoever verifies it again; the domain reads none */
  int64_t algorithm;  /* of the key */
  /* The credential's key as DER of a SubjectPublicKeyInfo, and its algorithm's name: with evidence that
   * answers a domain's own challenge, so that the domain can keep its own copy. Empty otherwise. */
  bytes_t spki, spki_algorithm;
} handoff_evidence_t;

/* A session as one domain may see it: subject and session id are pairwise, derived by the rp for that domain.
 */
typedef struct handoff_session {
  bytes_t subject;    /* text */
  bytes_t session;    /* text: the domain's sid */
  int64_t expires_ms; /* the rp session's absolute end */
  bytes_t claims;     /* of the account, JSON text (account_claims.h); empty unless they were asked for */
  handoff_evidence_t evidence[EVIDENCE_MAX];
  size_t evidence_count;
} handoff_session_t;

/* A domain's own challenge: what the ceremony's challenge begins with, in place of the rp's own nonce. */
#define HANDOFF_CHALLENGE_LENGTH 16

/* authz_begin: the raw authorization request. With a session the authority may answer finally at once. */
typedef struct handoff_begin {
  domain_id_t domain;
  bytes_t query;       /* the request's parameters as an urlencoded form, unparsed */
  uint8_t browser[32]; /* hash of the browser-bound cookie: the request finishes only in the browser it began
                          in */
  const handoff_session_t *session; /* NULL: nobody is signed in */
  bool native; /* it came from an application itself, not from a browser: redirect_uri is NATIVE_REDIRECT_URI
                */
} handoff_begin_t;

/* Where the answer to an application's own request goes: to whoever asked, and to no address. */
#define NATIVE_REDIRECT_URI "urn:sekisho:native"

/* authz_finish: one handle, one code. */
typedef struct handoff_finish {
  domain_id_t domain;
  bytes_t handle; /* text */
  uint8_t browser[32];
  const handoff_session_t *session; /* NULL: the person declined or nobody is signed in */
  bool declined;                    /* ends the request with access_denied */
  bool consented;                   /* the person of the session allowed what the answer's consent named */
  bytes_t touch; /* text: what the domain's own page gave the browser to bring back; empty: nothing */
  const handoff_evidence_t *touched; /* with a touch: which passkey of the session's person it was, and its
                                        keys; NULL: none of theirs */
} handoff_finish_t;

typedef enum handoff_outcome {
  HANDOFF_RESPOND,      /* the whole front-channel response, errors included */
  HANDOFF_ERROR_PAGE,   /* client or redirect URI not verified: show it here, redirect nowhere */
  HANDOFF_AUTHENTICATE, /* still missing: bring the person to a sign-in, or to consent; then finish */
  HANDOFF_CLAIMS,       /* nothing but the account's claims: send the same once more, with them */
} handoff_outcome_t;

typedef struct handoff_answer {
  handoff_outcome_t outcome;
  /* RESPOND */
  bytes_t location;    /* complete Location for response_mode=query; empty for form_post */
  bytes_t form_action; /* form_post: target and urlencoded fields */
  bytes_t form_fields;
  /* ERROR_PAGE */
  bytes_t error, description;
  /* AUTHENTICATE */
  bytes_t handle;
  uint8_t request[16];                         /* what evidence given for this very request must carry */
  uint8_t challenge[HANDOFF_CHALLENGE_LENGTH]; /* zero unless the requirement is of verified evidence */
  bytes_t page; /* the domain's own, to which the browser goes with its way back; empty: the rp's */
  requirement_t requirement;
  bool authenticator_refused; /* somebody is signed in, with a model that the domain does not take */
  bool select_account;        /* prompt=select_account: do not just take the session at hand */
  bool consent; /* no sign-in is missing, but the person's word that the application may have it */
  bytes_t client_name, client_host, domain_name, login_hint, ui_locales;
  bytes_t details_en, details_ja; /* authorization details in words, one a line */
  bytes_t statement_en,
      statement_ja; /* with an approval: SHA-256 of what is approved, by the language shown */
  bytes_t scope_titles_en, scope_titles_ja; /* what is asked for, one a line, for the step-up page */
  /* CLAIMS */
  bytes_t claim_scopes; /* separated by spaces: the claims of these, and no others */
} handoff_answer_t;

/* The messages that exist, and no others: a test walks this table. */
typedef struct handoff_message {
  const char *name;
  const char *path; /* POST */
} handoff_message_t;
typedef enum handoff_kind {
  HANDOFF_BEGIN,
  HANDOFF_FINISH,
  HANDOFF_SESSION_ENDED,
  HANDOFF_ACCOUNT_ENDED,
  HANDOFF_CREDENTIAL_CHANGED,
  HANDOFF_CLAIMS_CHANGED,
  HANDOFF_LOGOUT,
  HANDOFF_APPLICATIONS,
  HANDOFF_CONSENT_WITHDRAWN,
  HANDOFF_KINDS
} handoff_kind_t;
extern const handoff_message_t handoff_messages[HANDOFF_KINDS];

/* build makes the JSON text in the arena (BYTES_NONE when out of memory); parse reads it strictly: unknown
 * members, wrong types and out-of-range numbers are ERR_HANDOFF. Levels travel by name. */
bytes_t handoff_begin_build(arena_t *arena, const handoff_begin_t *message);
MUST_USE error_code_t handoff_begin_parse(arena_t *arena, bytes_t text, handoff_begin_t *ret_message);
bytes_t handoff_finish_build(arena_t *arena, const handoff_finish_t *message);
MUST_USE error_code_t handoff_finish_parse(arena_t *arena, bytes_t text, handoff_finish_t *ret_message);
bytes_t handoff_answer_build(arena_t *arena, const level_table_t *levels, const handoff_answer_t *answer);
MUST_USE error_code_t handoff_answer_parse(arena_t *arena, const level_table_t *levels, bytes_t text,
                                           handoff_answer_t *ret_answer);

#endif
