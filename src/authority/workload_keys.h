/* The keys of workload issuers: of a file, read again when it changes, or of an address (remote_keys.h). */
#ifndef SEKISHO_AUTHORITY_WORKLOAD_KEYS_H
#define SEKISHO_AUTHORITY_WORKLOAD_KEYS_H

#include "authority/remote_keys.h"
#include "config/config.h"
#include "crypto/jws.h"

typedef struct workload_keys workload_keys_t;

/* remote is borrowed. domain: for the log. */
MUST_USE error_code_t workload_keys_new(remote_keys_t *remote, const char *domain,
                                        workload_keys_t **ret_keys);
void workload_keys_free(workload_keys_t *keys);

/* ERR_SIGNATURE when no key of the issuer verifies the token; ERR_WORKLOAD_KEYS when its keys are not to be
 * had. *ret_awaits: they are being fetched, and a wait may help (workload_keys_address). A file that has
 * become unreadable is not believed any longer than its keys would be: until it is replaced by one that can
 * be read. */
MUST_USE error_code_t workload_keys_verify(workload_keys_t *keys, const config_workload_issuer_t *issuer,
                                           const jws_t *jws, int64_t now_ms, bool *ret_awaits);
remote_address_t workload_keys_address(const config_workload_issuer_t *issuer);

#endif
