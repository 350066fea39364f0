/* When a browser's session was last used, in memory: /check must end idle ones and may not write to the
 * store. A bounded table; what it has forgotten counts from when the cookie was made, so forgetting ends a
 * session early and never late. */
#ifndef SEKISHO_AUTHORITY_SESSION_USE_H
#define SEKISHO_AUTHORITY_SESSION_USE_H

#include "store/authority_grants.h"

typedef struct session_use session_use_t;

MUST_USE error_code_t session_use_new(session_use_t **ret_use);
void session_use_free(session_use_t *use);

/* Notes the use and says whether the last one, or made_ms where none is known, is at most idle_ms ago. A
 * session that is idle stays so. */
bool session_use_touch(session_use_t *use, grant_ref_t session, int64_t made_ms, int64_t idle_ms,
                       int64_t now_ms);

#endif
