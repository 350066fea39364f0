/* Clients that the operator made with the command line. Secrets are kept as hashes. */
#ifndef SEKISHO_STORE_AUTHORITY_CLIENTS_H
#define SEKISHO_STORE_AUTHORITY_CLIENTS_H

#include "crypto/hash.h"
#include "store/store.h"

#define STORED_CLIENTS_TOPIC "clients" /* announced when the rows change */

typedef struct stored_client {
  bytes_t id, name, method;                  /* method: token_endpoint_auth_method */
  bytes_t redirect_uris, grant_types, scope; /* words */
  bytes_t post_logout_redirect_uris;         /* words */
  bool dpop_bound, push_required, third_party;
  bytes_t jwks;              /* JSON text, of private_key_jwt; empty */
  bytes_t metadata;          /* JSON text of an object: authority/client_metadata.h */
  sha256_t secret, previous; /* of the client_secret methods; zero where there is none */
  int64_t previous_until_ms;
  int64_t created_ms;
} stored_client_t;

/* ERR_CONFLICT when the id is taken. */
MUST_USE error_code_t stored_client_add(database_t *database, const stored_client_t *client);
/* The secret of now becomes the previous one, good until until_ms. ERR_NOT_FOUND when no client with a secret
 * has the id. */
MUST_USE error_code_t stored_client_rotate(database_t *database, bytes_t id, const sha256_t *secret,
                                           int64_t until_ms);
/* ERR_NOT_FOUND when there is none. */
MUST_USE error_code_t stored_client_remove(database_t *database, bytes_t id);

/* ERR_NOT_FOUND when there is none: for a job that gives something to a client that may be gone by then. */
MUST_USE error_code_t stored_client_check(database_t *database, bytes_t id);

/* All of them, the texts in the arena, until visit answers an error. */
typedef error_code_t stored_client_visit_t(void *context, const stored_client_t *client);
MUST_USE error_code_t stored_client_each(database_t *database, arena_t *arena, stored_client_visit_t *visit,
                                         void *context);
MUST_USE error_code_t stored_client_count(database_t *database, int64_t *ret_count);

#endif
