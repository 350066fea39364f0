/* The key that the holder of a token must prove: RFC 7800 §3.1, by the thumbprint methods of DPoP (RFC 9449
 * §6.1) and of mutual TLS (RFC 8705 §3.1). */
#ifndef SEKISHO_AUTHORITY_CONFIRMATION_H
#define SEKISHO_AUTHORITY_CONFIRMATION_H

#include "base/arena.h"
#include "base/json.h"

typedef enum confirmation_kind {
  CONFIRMATION_NONE, /* whoever has the token may use it */
  CONFIRMATION_DPOP, /* cnf.jkt: SHA-256 thumbprint of a JWK (RFC 7638) */
  CONFIRMATION_MTLS, /* cnf["x5t#S256"]: SHA-256 of a certificate */
} confirmation_kind_t;
#define CONFIRMATION_KINDS 3

typedef struct confirmation {
  confirmation_kind_t kind;
  uint8_t thumbprint[32]; /* zero for NONE */
} confirmation_t;

bool confirmation_equal(const confirmation_t *a, const confirmation_t *b);

/* As it stands in the store: empty for NONE, else the kind and the thumbprint. In the arena; no data when
 * memory is short. */
#define CONFIRMATION_STORED_LENGTH 33
MUST_USE error_code_t confirmation_store(arena_t *arena, const confirmation_t *confirmation,
                                         bytes_t *ret_stored);

/* `,"cnf":{...}`, or nothing. */
void confirmation_add_claim(builder_t *claims, const confirmation_t *confirmation);
/* Of a token's claims: exactly one method that is known, or no cnf at all. ERR_TOKEN otherwise: a key that
 * nobody here can check must not be taken for none. */
MUST_USE error_code_t confirmation_read_claim(const json_t *claims, confirmation_t *ret_confirmation);

#endif
