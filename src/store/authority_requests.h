/* Authorization requests that wait for a person: ten minutes, one code. Handles are kept as hashes. */
#ifndef SEKISHO_STORE_AUTHORITY_REQUESTS_H
#define SEKISHO_STORE_AUTHORITY_REQUESTS_H

#include "store/store.h"

typedef struct stored_request {
  uint8_t handle_hash[32]; /* SHA-256 of the handle's secret */
  uint8_t browser[32];     /* hash of the browser-bound cookie */
  uint8_t request[16];     /* what evidence given for it carries */
  bytes_t query;           /* the request as it came, or as it was pushed */
  int64_t pushed;          /* the row of the pushed request; 0: it came through the browser */
  int64_t expires_ms;
} stored_request_t;

MUST_USE error_code_t request_add(database_t *database, const stored_request_t *request, int64_t *ret_row);
/* ERR_HANDLE when there is none, it is late, or it was finished. */
MUST_USE error_code_t request_find(database_t *database, arena_t *arena, int64_t row,
                                   const uint8_t handle_hash[32], int64_t now_ms,
                                   stored_request_t *ret_request);
/* Ends it, once: ERR_HANDLE the second time. */
MUST_USE error_code_t request_finish(database_t *database, int64_t row, int64_t now_ms);
/* A sweep (store_sweep_t): what is over, and the oldest beyond REQUESTS_MAX: strangers make rows, and may
 * not fill the disk. */
#define REQUESTS_MAX 50000
error_code_t request_sweep(database_t *database, int64_t now_ms, bool *ret_more);

#endif
