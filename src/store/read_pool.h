/* Reading connections, opened when first needed. */
#ifndef SEKISHO_STORE_READ_POOL_H
#define SEKISHO_STORE_READ_POOL_H

#include "store/connection.h"

#define READ_POOL_SIZE 8
#define READ_POOL_WAIT_MS 1000

typedef struct read_pool read_pool_t;

read_pool_t *read_pool_new(const char *path);
/* All connections must have been given back. */
void read_pool_free(read_pool_t *pool);
/* Waits at most READ_POOL_WAIT_MS; NULL when none came free or none could be opened. */
database_t *read_pool_take(read_pool_t *pool);
void read_pool_give(read_pool_t *pool, database_t *database);

#endif
