/* What a product remembers of one browser. A few hundred at most: it is a demo, the oldest give way. */
#ifndef SEKISHO_DEMO_PRODUCT_SESSION_H
#define SEKISHO_DEMO_PRODUCT_SESSION_H

#include "demo/product.h"

#define PRODUCT_SESSIONS 256
#define PRODUCT_TOKEN_MAX 6144

struct product_session {
  char id[44];       /* cookie value; empty: free */
  char state[44];    /* of the authorization request under way */
  char verifier[44]; /* PKCE */
  char access_token[PRODUCT_TOKEN_MAX];
  char id_token[PRODUCT_TOKEN_MAX];
  char internal_token[PRODUCT_TOKEN_MAX]; /* as the last call's upstream saw it */
};

MUST_USE error_code_t product_sessions_new(product_t *product);
void product_sessions_free(product_t *product);

/* Copies the session of this request's cookie; false when there is none. */
bool product_session_read(product_t *product, http_request_t *request, product_session_t *ret_session);
/* Stores a changed copy back, unless the session is gone. */
void product_session_write(product_t *product, const product_session_t *session);
/* A new one under a new cookie, which is set on the reply. */
void product_session_begin(product_t *product, http_request_t *request, product_session_t *ret_session);
void product_session_end(product_t *product, const product_session_t *session);
/* 43 characters of fresh randomness. */
void product_random_text(char text[44]);

#endif
