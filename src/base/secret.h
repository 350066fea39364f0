/* Secrets by type: wiped when dropped, compared in constant time, with no way into a log line. */
#ifndef SEKISHO_BASE_SECRET_H
#define SEKISHO_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* A 256-bit key. Declare with `CLEANUP(secret_key_wipe) secret_key_t key;`. */
typedef struct secret_key {
  uint8_t bytes[32];
} secret_key_t;

void secret_key_wipe(secret_key_t *key);
/* Reads a file of exactly 32 bytes, owned by this user or root and closed to group and others. */
MUST_USE error_code_t secret_key_load(const char *path, secret_key_t *ret_key, error_detail_t *detail);
/* Reads a file of text under the same rules: at most capacity bytes, as many as it has. Too long a file is
 * ERR_KEY_FILE. The caller wipes the memory. */
MUST_USE error_code_t secret_text_load(const char *path, uint8_t *memory, size_t capacity, size_t *ret_len,
                                       error_detail_t *detail);
/* Makes the file (mode 0600, never overwrites) with a fresh key, made durable. */
MUST_USE error_code_t secret_key_create(const char *path, error_detail_t *detail);

/* Constant time in the content; the lengths are not secret. */
bool secret_equal(bytes_t a, bytes_t b);
void secret_wipe(void *memory, size_t len);
/* Fills from the system's generator, or ends the process: nothing here may go on without it. */
void random_fill(void *memory, size_t len);

#endif
