/* Front-channel responses (OAuth 2.1 §4.1.2, RFC 9207): a Location, or the fields of a form_post. */
#ifndef SEKISHO_AUTHORITY_AUTHORIZATION_RESPONSE_H
#define SEKISHO_AUTHORITY_AUTHORIZATION_RESPONSE_H

#include "authority/authorization_request.h"
#include "handoff/handoff.h"

/* Both carry state as it came and iss. Only redirect_uri, state and form_post of the target are read. */
MUST_USE error_code_t authorization_response_code(arena_t *arena, const char *issuer,
                                                  const authorization_target_t *target, bytes_t code,
                                                  handoff_answer_t *ret_answer);
MUST_USE error_code_t authorization_response_error(arena_t *arena, const char *issuer,
                                                   const authorization_target_t *target, error_code_t refusal,
                                                   handoff_answer_t *ret_answer);
/* Nothing is verified: a page of the rp, no redirect. */
handoff_answer_t authorization_response_page(error_code_t refusal);

/* uri with `state` behind it, when there is one; in the arena. */
MUST_USE error_code_t authorization_response_address(arena_t *arena, bytes_t uri, bytes_t state,
                                                     bytes_t *ret_address);

#endif
