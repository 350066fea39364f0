/* The session that a request brings along. */
#ifndef SEKISHO_RP_SESSION_H
#define SEKISHO_RP_SESSION_H

#include "crypto/bearer.h"
#include "rp/evidence_record.h"
#include "rp/rp.h"
#include "store/rp_session.h"

typedef struct session {
  rp_session_owner_t owner;
  evidence_record_t evidence;
} session_t;

/* The cookie's value: row id and secret. */
#define SESSION_SECRET_LENGTH BEARER_LENGTH
typedef struct session_token {
  rp_session_id_t id;
  uint8_t secret[SESSION_SECRET_LENGTH];
} session_token_t;

/* In the arena. ERR_NOT_SIGNED_IN when the cookie is missing, wrong, over, or its account disabled;
 * ERR_UNAVAILABLE and ERR_STORE_FAILED when the store cannot say. Notes the use, at most once a minute,
 * without waiting. */
MUST_USE error_code_t session_find(const exchange_t *exchange, const session_t **ret_session);
/* The same for requests that may come without: *ret_session NULL. */
MUST_USE error_code_t session_find_any(const exchange_t *exchange, const session_t **ret_session);

void session_cookie_set(const exchange_t *exchange, const session_token_t *token);
void session_cookie_clear(const exchange_t *exchange);

/* What policy weighs. domain NULL: the login server's own pages; request NULL: none. */
policy_context_t session_policy(const exchange_t *exchange, const domain_id_t *domain,
                                const uint8_t request[16]);
decision_t session_decide(const exchange_t *exchange, const session_t *session, requirement_t requirement);

/* {"username", "sub", "acr", "amr", "auth_time", "expires_at": …, without the closing brace. */
void session_write(const exchange_t *exchange, builder_t *builder, const rp_session_owner_t *owner,
                   const evidence_record_t *evidence);
#define SESSION_JSON_MAX_LENGTH 1536

#endif
