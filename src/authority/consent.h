/* Whether an application of others may have what it asks for: the person is asked once, and again when it
 * asks for more (OpenID Connect Core §3.1.2.4). */
#ifndef SEKISHO_AUTHORITY_CONSENT_H
#define SEKISHO_AUTHORITY_CONSENT_H

#include "authority/authorization.h"

/* Of a request that everything else is satisfied of. *ret_asked: the person must be asked first. Sets what
 * consent_record keeps. ERR_CONSENT_REQUIRED where nobody may be asked. */
MUST_USE error_code_t consent_check(authorization_t *authorization, bool *ret_asked);
/* In the job that gives the code: keeps a new word, or sees that the old one still stands
 * (ERR_CONSENT_REQUIRED). */
MUST_USE error_code_t consent_record(database_t *database, const authorization_t *authorization);

/* What of a redirect URI is shown to people: its host, or the scheme of an application's own. */
bytes_t consent_host(bytes_t redirect_uri);

#endif
