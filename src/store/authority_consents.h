/* What people allowed applications of others. One row a person and client; the scopes only grow. */
#ifndef SEKISHO_STORE_AUTHORITY_CONSENTS_H
#define SEKISHO_STORE_AUTHORITY_CONSENTS_H

#include "store/store.h"

/* *ret_scope: the words allowed, in the arena; empty when none are. */
MUST_USE error_code_t consent_find(database_t *database, arena_t *arena, bytes_t subject, bytes_t client,
                                   bytes_t *ret_scope);
typedef void consent_visit_t(void *context, bytes_t client, bytes_t scope, int64_t granted_ms);
/* All that subject allows, by client; the texts end with the visit. CONSENTS_MAX at most. */
#define CONSENTS_MAX 200
MUST_USE error_code_t consent_each(database_t *database, bytes_t subject, consent_visit_t *visit,
                                   void *context);
/* scope: all that is allowed from now on. */
MUST_USE error_code_t consent_put(database_t *database, bytes_t subject, bytes_t client, bytes_t scope,
                                  int64_t now_ms);
/* Of the client, by everybody, or by subject alone. *ret_count: how many. */
MUST_USE error_code_t consent_withdraw(database_t *database, bytes_t client, bytes_t subject,
                                       int64_t *ret_count);

#endif
