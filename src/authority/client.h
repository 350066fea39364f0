/* The clients of a domain, ready to be authenticated: what is registered of each, beside its credential.
 * Secrets are kept as hashes. Made with the settings and immutable like them. */
#ifndef SEKISHO_AUTHORITY_CLIENT_H
#define SEKISHO_AUTHORITY_CLIENT_H

#include "config/config.h"
#include "crypto/certificate_name.h"
#include "crypto/hash.h"
#include "crypto/jwk_set.h"

#define CLIENT_KEYS_MAX 16
#define CLIENT_SECRET_MIN 32
#define CLIENT_SECRET_MAX 256

typedef struct client {
  const config_client_t *config;
  sha256_t secret;   /* of the client_secret methods */
  sha256_t previous; /* the one before a rotation, good until previous_until_ms */
  int64_t previous_until_ms;
  jwk_set_t keys;                 /* of its jwks; none where it has another method or a jwks_uri */
  certificate_name_t certificate; /* of tls_client_auth */
} client_t;

typedef struct client_table {
  client_t *clients;
  size_t count;
  text_list_t origins; /* of public clients' web redirect URIs, each once: who may call /token from a page */
} client_table_t;

/* Reads the secret files and the key sets. What was made lies in the table also after an error. */
MUST_USE error_code_t client_table_build(arena_t *arena, const config_domain_t *domain,
                                         client_table_t *ret_table, error_detail_t *detail);
/* The parts, for clients of another source: what the method needs of keys and certificates, and a table's
 * origins. */
MUST_USE error_code_t client_keys_read(arena_t *arena, client_t *client, error_detail_t *detail);
MUST_USE error_code_t client_table_find_origins(arena_t *arena, client_table_t *table);
/* The keys are not the arena's. */
void client_table_done(client_table_t *table);
/* NULL when there is none. */
const client_t *client_table_find(const client_table_t *table, bytes_t id);

/* A secret's form: 32 to 256 visible ASCII characters that are not all alike. */
bool client_secret_is_strong(bytes_t secret);

#endif
