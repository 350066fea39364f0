/* Whole files that are no secrets (those: secret.h). */
#ifndef SEKISHO_BASE_FILE_H
#define SEKISHO_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A regular file of at most limit bytes; free() the data. ERR_NOT_FOUND, ERR_UNAVAILABLE when it cannot be
 * read or changes meanwhile, ERR_TOO_LARGE, ERR_NO_MEMORY. */
MUST_USE error_code_t file_read(const char *path, size_t limit, uint8_t **ret_data, size_t *ret_len);

#endif
