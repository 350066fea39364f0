/* A workload of a platform, as services of the bench are known. */
#ifndef SEKISHO_TESTS_BENCH_WORKLOAD_CLIENT_H
#define SEKISHO_TESTS_BENCH_WORKLOAD_CLIENT_H

#include <stdbool.h>

/* Makes the platform's key, leaves its key set in folder/platform.jwks, and signs a token for service
 * "ledger" that is good for an hour. */
bool workload_client_begin(const char *folder);
const char *workload_client_token(void);

#endif
