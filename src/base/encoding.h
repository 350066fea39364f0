/* base64url, base64 and hexadecimal, strict: no white space, no stray bits (RFC 4648 §3.5, §4, §5). */
#ifndef SEKISHO_BASE_ENCODING_H
#define SEKISHO_BASE_ENCODING_H

#include "base/arena.h"
#include "base/bytes.h"

#define BASE64URL_LENGTH(n) (((n)*4 + 2) / 3)

/* Decodes into the arena. ERR_MALFORMED for anything that is not the one canonical form. */
MUST_USE error_code_t base64url_decode(arena_t *arena, bytes_t text, bytes_t *ret_bytes);
/* The same into a fixed buffer; the decoded length must be exactly len. */
MUST_USE error_code_t base64url_decode_exact(bytes_t text, uint8_t *memory, size_t len);
/* The encoding of bytes to text, which has room for BASE64URL_LENGTH(bytes.len) and gets no NUL. */
void base64url_write(bytes_t bytes, uint8_t *text);
/* NUL-terminated text in the arena; NULL when out of memory. */
char *base64url_encode(arena_t *arena, bytes_t bytes);
/* Standard base64 with padding, for x5c members and PEM-like places. */
char *base64_encode(arena_t *arena, bytes_t bytes);
/* Its one canonical form, decoded into the arena; ERR_MALFORMED for any other. */
MUST_USE error_code_t base64_decode(arena_t *arena, bytes_t text, bytes_t *ret_bytes);
char *hex_encode(arena_t *arena, bytes_t bytes);
MUST_USE error_code_t hex_decode(arena_t *arena, bytes_t text, bytes_t *ret_bytes);

#endif
