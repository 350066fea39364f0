/* One example product of the demo: a web backend that signs people in with sekisho (public client, PKCE), and
 * the gateway in front of its own API, which asks sekisho's check before it serves. Everything it knows is in
 * memory. */
#ifndef SEKISHO_DEMO_PRODUCT_H
#define SEKISHO_DEMO_PRODUCT_H

#include <pthread.h>

#include "demo/demo.h"
#include "http/server.h"

#define PRODUCT_SCOPES 4
#define PRODUCT_ACTIONS 2

/* A button: one call of the product's API. */
typedef struct product_action {
  const char *name; /* "balance" */
  const char *method;
  const char *path;
  const char *scope; /* what a token must bring */
} product_action_t;

typedef struct product_kind {
  const char *id; /* the domain's */
  const char *client_id;
  const char *entry_scope; /* asked when entering */
  product_action_t actions[PRODUCT_ACTIONS];
} product_kind_t;
extern const product_kind_t product_pay, product_coin;

typedef struct product_session product_session_t;

typedef struct product {
  const product_kind_t *kind;
  demo_t *demo;
  const char *origin, *other_origin; /* own address and the neighbour's */
  pthread_mutex_t lock;              /* over the sessions */
  product_session_t *sessions;
  size_t next_session;
  http_server_t *server;
} product_t;

MUST_USE error_code_t product_start(product_t *product, const char *listen, error_detail_t *detail);
void product_stop(product_t *product);

#endif
