/* The statement that a person approves by a passkey: canonical JSON (RFC 8785) of who asks for what, of whom,
 * for which request, in the words shown. The ceremony's challenge covers its hash, so the authenticator's
 * signature proves it without us. */
#ifndef SEKISHO_AUTHORITY_STATEMENT_H
#define SEKISHO_AUTHORITY_STATEMENT_H

#include "authority/authorization.h"
#include "crypto/hash.h"

/* Puts what is to be shown into the answer, and where something is bound, the hash of its statement in each
 * language. The request's own id is known. */
MUST_USE error_code_t statement_offer(authorization_t *authorization, const domain_settings_t *settings);

/* Looks for the approval of this very request among the session's evidence. Found, it is what
 * authorization->transaction will keep; without bound details nothing is missing. */
MUST_USE error_code_t statement_find_approval(authorization_t *authorization,
                                              const domain_settings_t *settings, bool *ret_missing);

/* In the job of the code: the evidence, and the audit row that names its hash. */
MUST_USE error_code_t statement_record(database_t *database, const authorization_t *authorization);

#endif
