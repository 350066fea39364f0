/* What a client does in one round of a row. */
#ifndef SEKISHO_TESTS_BENCH_SCENARIOS_H
#define SEKISHO_TESTS_BENCH_SCENARIOS_H

#include "authenticator.h"
#include "dpop_client.h"
#include "http_client.h"

#define BENCH_PORT 18480 /* rp; issuers, checks behind it */
#define BENCH_ORIGIN "http://localhost:18480"
#define BENCH_BARE_PORT 18490

typedef struct bench_client {
  http_bench_client_t http;
  soft_credential_t *credential;
  char username[32];
  uint32_t sign_count;
  char access_token[4096];   /* of the last round that ended with one */
  char refresh_token[128];   /* the same */
  dpop_client_t *dpop;       /* made by the first login to a bound token */
  char internal_token[4096]; /* of the last check that kept it */
  char nonce[64];            /* DPoP-Nonce of the last answer that had one */
} bench_client_t;

/* Each round is true when every answer was as it should be. */
typedef bool bench_round_t(bench_client_t *client);

bool bench_register(bench_client_t *client); /* once: makes the credential */
bool bench_login(bench_client_t *client);
bool bench_login_to_token(bench_client_t *client);
bool bench_login_to_refresh(bench_client_t *client);     /* once: ends with the first refresh token */
bool bench_refresh(bench_client_t *client);              /* takes the one before along */
bool bench_introspect(bench_client_t *client);           /* the access token of the last round, warm */
bool bench_check_fresh(bench_client_t *client);          /* route with a signed internal token */
bool bench_check_reused(bench_client_t *client);         /* the domain with a reuse window */
bool bench_login_to_bound_token(bench_client_t *client); /* ends with a token of the client's key */
bool bench_check_bound(bench_client_t *client);          /* bench_check_fresh with that token, and a proof */
bool bench_bare(bench_client_t *client);                 /* the same request to the bare server */
bool bench_keep_internal(bench_client_t *client);        /* bench_check_fresh, and keeps what it gave */
bool bench_exchange(bench_client_t *client);             /* that for the next hop: good for a minute */
/* Checks with a token that the server has not seen: rounds take from tokens that were made before. */
bool bench_check_unseen(bench_client_t *client);
bool bench_store_token(bench_client_t *client);

#endif
