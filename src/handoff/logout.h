/* The message about signing out that an application asked for. Built and read as handoff.h says. */
#ifndef SEKISHO_HANDOFF_LOGOUT_H
#define SEKISHO_HANDOFF_LOGOUT_H

#include "handoff/handoff.h"

/* logout: the raw request of an application that wants the person signed out (OpenID Connect RP-Initiated
 * Logout 1.0), and the session that the browser has. The authority says whether the application may decide
 * that alone; the rp ends the session. */
typedef struct handoff_logout {
  domain_id_t domain;
  bytes_t query;
  bytes_t session; /* text: the pairwise sid; empty: nobody is signed in */
} handoff_logout_t;

typedef enum handoff_logout_outcome {
  HANDOFF_LOGOUT_END,     /* end the session that was named, if any, and go to the location */
  HANDOFF_LOGOUT_CONFIRM, /* ask the person first */
  HANDOFF_LOGOUT_REFUSE,  /* show the error, end nothing, go nowhere */
} handoff_logout_outcome_t;

typedef struct handoff_logout_answer {
  handoff_logout_outcome_t outcome;
  bytes_t location; /* registered, with its state; empty: stay here */
  bytes_t client_name, domain_name,
      ui_locales;             /* CONFIRM; no client is named by a request that proves none */
  bytes_t error, description; /* REFUSE */
} handoff_logout_answer_t;

bytes_t handoff_logout_build(arena_t *arena, const handoff_logout_t *message);
MUST_USE error_code_t handoff_logout_parse(arena_t *arena, bytes_t text, handoff_logout_t *ret_message);
bytes_t handoff_logout_answer_build(arena_t *arena, const handoff_logout_answer_t *answer);
MUST_USE error_code_t handoff_logout_answer_parse(arena_t *arena, bytes_t text,
                                                  handoff_logout_answer_t *ret_answer);

#endif
