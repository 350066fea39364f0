/* The clients that the operator made with `sekisho client`: read from the store when the domain opens and in
 * the transaction of every change, replaced as a whole. */
#ifndef SEKISHO_AUTHORITY_CLIENT_STORE_H
#define SEKISHO_AUTHORITY_CLIENT_STORE_H

#include <stdatomic.h>

#include "authority/client.h"
#include "authority/retire.h"
#include "store/authority_clients.h"

#define STORED_CLIENTS_MAX 1000

typedef struct client_snapshot client_snapshot_t;

typedef struct client_store {
  _Atomic(const client_snapshot_t *) now; /* NULL before the first is published */
  retire_t *retire;                       /* borrowed */
} client_store_t;

MUST_USE error_code_t client_snapshot_read(database_t *database, client_snapshot_t **ret_snapshot);
void client_snapshot_free(client_snapshot_t *snapshot); /* takes NULL */

/* Takes the snapshot; the one before is freed when nobody can be reading it. */
void client_store_publish(client_store_t *store, client_snapshot_t *snapshot);
/* After the servers have stopped. */
void client_store_done(client_store_t *store);
/* Never NULL; for one handler call, and anew after a wait. store may be NULL. */
const client_table_t *client_store_now(const client_store_t *store);

#endif
