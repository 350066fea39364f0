/* Mutators that know the structure of what they change: it comes out well formed where a part did not ask
 * otherwise, with lengths that fit, so that it gets past the first reader. All memory is the arena's; what
 * cannot be read is changed as plain bytes. */
#ifndef SEKISHO_TESTS_MUTATE_H
#define SEKISHO_TESTS_MUTATE_H

#include "base/arena.h"
#include "choice.h"

#define MUTATED_MAX ((size_t)48 * 1024) /* what would be longer stays as it was */

typedef bytes_t (*mutate_fn)(arena_t *arena, choice_t *choice, bytes_t bytes);

/* Bits, interesting values, pieces cut out, doubled and put in. */
bytes_t mutate_bytes(arena_t *arena, choice_t *choice, bytes_t bytes);
/* Members swapped, dropped, doubled, given other types and values; heads longer than they need be; strings by
 * what their key says: see mutate_member. */
bytes_t mutate_cbor(arena_t *arena, choice_t *choice, bytes_t bytes);
/* Elements swapped, dropped, doubled, retagged, changed inside; OCTET STRINGs that hold DER as well. */
bytes_t mutate_der(arena_t *arena, choice_t *choice, bytes_t bytes);
/* TPMT_PUBLIC and TPMS_ATTEST, field by field. */
bytes_t mutate_tpm_public(arena_t *arena, choice_t *choice, bytes_t bytes);
bytes_t mutate_tpm_certify(arena_t *arena, choice_t *choice, bytes_t bytes);
/* Members as with CBOR; base64url texts by their key. */
bytes_t mutate_json(arena_t *arena, choice_t *choice, bytes_t bytes);
/* Flags, counter, AAGUID, id with its length, key and extensions as CBOR. */
bytes_t mutate_authenticator_data(arena_t *arena, choice_t *choice, bytes_t bytes);
/* Compact JWS: header and payload as JSON, signature. */
bytes_t mutate_jws(arena_t *arena, choice_t *choice, bytes_t bytes);
/* The fuzz target of extensions: a byte that says how to judge, and a map as JSON or as CBOR. */
bytes_t mutate_extensions(arena_t *arena, choice_t *choice, bytes_t bytes);
/* The fuzz target of tpm_structures: its first byte says which. */
bytes_t mutate_tpm_structure(arena_t *arena, choice_t *choice, bytes_t bytes);

/* A string by the name of the member that it is: "authData", "x5c", "pubArea", "certInfo", "response", … */
bytes_t mutate_member(arena_t *arena, choice_t *choice, bytes_t name, bytes_t value);

#endif
