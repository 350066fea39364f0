/* A client's key and the proofs that it signs (RFC 9449). */
#ifndef SEKISHO_TESTS_BENCH_DPOP_CLIENT_H
#define SEKISHO_TESTS_BENCH_DPOP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#define DPOP_PROOF_MAX 2048

typedef struct dpop_client dpop_client_t;

dpop_client_t *dpop_client_new(void); /* an ES256 key of its own; NULL when there is none */
void dpop_client_free(dpop_client_t *client);
/* The header's value for one request; access_token and nonce may be "". False when it does not fit. */
bool dpop_client_prove(dpop_client_t *client, const char *method, const char *address, const char *nonce,
                       const char *access_token, char ret_proof[DPOP_PROOF_MAX]);

#endif
