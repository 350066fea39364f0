#include "authority/domain_watch.h"

#include "base/clock.h"
#include "store/authority_clients.h"
#include "store/authority_grants.h"

static void remember_revoked(void *context, grant_ref_t ref, int64_t until_ms)
{
  revocations_add(context, ref, until_ms);
}

/* Adds; nothing that ended once is alive again. */
error_code_t domain_read_revocations(domain_t *domain)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  return grant_each_revoked(read.database, clock_now_ms(), remember_revoked, domain->revocations);
}

error_code_t domain_read_clients(domain_t *domain)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  client_snapshot_t *snapshot;
  error_code_t error =
      read.database != NULL ? client_snapshot_read(read.database, &snapshot) : ERR_UNAVAILABLE;
  if (error == ERR_NONE)
    client_store_publish(&domain->stored_clients, snapshot);
  return error;
}

static error_code_t revocations_heard(void *context)
{
  return domain_read_revocations(context);
}

static error_code_t clients_heard(void *context)
{
  return domain_read_clients(context);
}

static error_code_t keys_heard(void *context)
{
  const domain_t *domain = context;
  return signing_keys_read_again(domain->keys);
}

error_code_t domain_watch(domain_t *domain)
{
  error_code_t error = store_watch_topic(domain->store, GRANT_REVOCATIONS_TOPIC, revocations_heard, domain);
  if (error == ERR_NONE)
    error = store_watch_topic(domain->store, STORED_CLIENTS_TOPIC, clients_heard, domain);
  if (error == ERR_NONE)
    error = store_watch_topic(domain->store, SIGNING_KEYS_TOPIC, keys_heard, domain);
  return error;
}
