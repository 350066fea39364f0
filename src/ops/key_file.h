/* Key files: 32 bytes beside a database that is worth nothing without them. */
#ifndef SEKISHO_OPS_KEY_FILE_H
#define SEKISHO_OPS_KEY_FILE_H

#include "base/secret.h"

/* Loads the key, or makes it together with its database: a new key beside an old database would open nothing
 * in it, so that is ERR_KEY_FILE. */
MUST_USE error_code_t key_file_open(const char *key_path, const char *database_path, secret_key_t *ret_key,
                                    error_detail_t *detail);

#endif
