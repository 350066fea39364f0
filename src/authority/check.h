/* The gateway's question: may this call pass, and with which internal token? A decision without any database:
 * the route table, the token, the clock. Fails closed: whatever is unclear is refused. */
#ifndef SEKISHO_AUTHORITY_CHECK_H
#define SEKISHO_AUTHORITY_CHECK_H

#include "authority/access_token.h"
#include "authority/gateway_session.h"
#include "store/authority_assertions.h"

/* What a gateway tells of a call, read from its own headers by check_routes.c. */
typedef struct check_call {
  bytes_t method;
  bytes_t target;        /* path and query, as the client sent it */
  bytes_t authorization; /* the header's value; empty when there is none */
  bytes_t proof;         /* of the DPoP header */
  size_t proof_count;
  confirmation_t certificate; /* with which the client called the gateway */
  browser_call_t browser;     /* empty where the domain has no sessions behind its gateway */
} check_call_t;

typedef enum check_verdict {
  CHECK_PASS,          /* 200 with Txn-Token (empty on public routes) */
  CHECK_NO_TOKEN,      /* 401, asks for one */
  CHECK_INVALID_TOKEN, /* 401 invalid_token */
  CHECK_NEEDS_STEP_UP, /* 401 insufficient_user_authentication (RFC 9470) */
  CHECK_NEEDS_SCOPE,   /* 403 insufficient_scope */
  CHECK_REFUSED,       /* 403: no route, or a path that could be read in two ways */
  CHECK_BROKEN,        /* 5xx: cannot be judged now */
} check_verdict_t;

typedef struct check_answer {
  check_verdict_t verdict;
  error_code_t cause;
  const config_route_t *route; /* NULL before one matched */
  const char *internal_token;  /* with CHECK_PASS, else NULL; empty on public routes */
  const char *challenge;       /* WWW-Authenticate; NULL: what the cause says */
  const char *nonce;           /* DPoP-Nonce for the next proof; NULL: none */
  const char *enter;           /* where a browser goes to sign in; NULL: nowhere */
  /* for the log, as far as it came */
  bytes_t client;
  bool judged;
  requirement_t wanted;
  decision_t decision;
  int held;               /* the highest level of the credential; -1: none */
  assertion_mark_t spent; /* the proof that it came with, by which other nodes know it */
} check_answer_t;

check_answer_t check_decide(arena_t *arena, const domain_t *domain, const check_call_t *call, int64_t now_ms);

#endif
