/* Authorization requests that clients pushed (RFC 9126): named by a handle, for one client, one code each. */
#ifndef SEKISHO_STORE_AUTHORITY_PUSHED_H
#define SEKISHO_STORE_AUTHORITY_PUSHED_H

#include "store/store.h"

typedef struct pushed_row {
  uint8_t handle_hash[32]; /* SHA-256 of the handle's secret */
  bytes_t client;          /* its id */
  bytes_t query; /* the parameters as an urlencoded form, without what the client proved itself by */
  int64_t expires_ms;
} pushed_row_t;

MUST_USE error_code_t pushed_add(database_t *database, const pushed_row_t *row, int64_t *ret_id);
/* ERR_PUSHED_REQUEST when there is none, it is late, or it gave its code. */
MUST_USE error_code_t pushed_find(database_t *database, arena_t *arena, int64_t id,
                                  const uint8_t handle_hash[32], int64_t now_ms, pushed_row_t *ret_row);
/* In the job that gives the code: ERR_PUSHED_REQUEST the second time. It may be late by then: the person took
 * time. */
MUST_USE error_code_t pushed_use(database_t *database, int64_t id, int64_t now_ms);
/* A sweep (store_sweep_t): what nobody can finish any more, and the oldest beyond PUSHED_MAX. */
#define PUSHED_MAX 50000
error_code_t pushed_sweep(database_t *database, int64_t now_ms, bool *ret_more);

#endif
