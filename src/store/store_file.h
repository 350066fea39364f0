/* The database file and its lock, checked before any driver touches them. */
#ifndef SEKISHO_STORE_STORE_FILE_H
#define SEKISHO_STORE_STORE_FILE_H

#include "base/error.h"

/* Takes the process lock (path.lock; ERR_STORE_BUSY when it is taken), then makes path with mode 0600, or
 * refuses one that is not a plain file of this user, closed to others, reached without a link
 * (ERR_STORE_FILE). *ret_lock is a descriptor: closing it lets go of the lock. */
MUST_USE error_code_t store_file_prepare(const char *path, int *ret_lock, error_detail_t *detail);

#endif
