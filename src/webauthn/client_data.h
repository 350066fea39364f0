/* Client data (WebAuthn L3 §5.8.1): what the browser says about type, challenge and origin. Reading it needs
 * no terms, so the relying party can find its ceremony by the challenge before anything is judged. */
#ifndef SEKISHO_WEBAUTHN_CLIENT_DATA_H
#define SEKISHO_WEBAUTHN_CLIENT_DATA_H

#include "base/arena.h"

#define CLIENT_DATA_MAX_LENGTH (8 * 1024)

/* Views live as long as the arena and the raw bytes. */
typedef struct client_data {
  bytes_t raw;       /* clientDataJSON, the bytes that are hashed */
  bytes_t type;      /* "webauthn.create", "webauthn.get" or anything else */
  bytes_t challenge; /* decoded */
  bytes_t origin;
  bytes_t top_origin; /* none when absent */
  bool cross_origin;  /* false when absent */
  bool has_top_origin;
} client_data_t;

/* UTF-8 (a byte order mark is stripped, as "UTF-8 decode" says), an object without duplicate members, the
 * known members of the right types, the challenge strict base64url. Unknown members are ignored; tokenBinding
 * is checked for its shape. ERR_CLIENT_DATA otherwise, ERR_NO_MEMORY; detail may be NULL. */
MUST_USE error_code_t client_data_parse(arena_t *arena, bytes_t raw, client_data_t *ret_client_data,
                                        error_detail_t *detail);
/* The challenge alone, decoded, of an object without duplicate members, whatever the others are: which
 * ceremony was meant. */
MUST_USE error_code_t client_data_find_challenge(arena_t *arena, bytes_t raw, bytes_t *ret_challenge);

#endif
