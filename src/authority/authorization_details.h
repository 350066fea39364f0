/* What a client asks for beyond scopes (RFC 9396): details of types that the domain declares. Parsed at the
 * border into canonical text (RFC 8785), so that what is shown, signed, stored and granted is one thing. */
#ifndef SEKISHO_AUTHORITY_AUTHORIZATION_DETAILS_H
#define SEKISHO_AUTHORITY_AUTHORIZATION_DETAILS_H

#include "base/arena.h"
#include "config/config.h"

#define DETAILS_SENT_MAX 4096 /* bytes of the parameter */
#define DETAILS_TEXT_MAX 1024 /* of its canonical form: it travels in tokens */
#define DETAILS_COUNT_MAX 8
#define DETAILS_SHOWN_MAX 1000 /* of all sentences in one language */

typedef struct authorization_details {
  bytes_t all;                /* an array, canonical; empty: none were sent */
  bytes_t lasting;            /* those of it that are not bound: refreshing gives them again */
  bool bound;                 /* some need an approval of their own */
  bytes_t shown_en, shown_ja; /* one sentence a line */
  requirement_t requirement;  /* of their types */
} authorization_details_t;

/* text: the parameter as sent; empty gives none. ERR_AUTHORIZATION_DETAILS for what is not an array of
 * details of the domain's types, of those the client is registered for, by their schemas. */
MUST_USE error_code_t authorization_details_parse(arena_t *arena, const config_domain_t *domain,
                                                  const config_client_t *client, bytes_t text,
                                                  authorization_details_t *ret_details);

/* RFC 9396 §6: a token request may ask for some of what was granted, each as it was granted. asked empty:
 * all of it. */
MUST_USE error_code_t authorization_details_narrow(arena_t *arena, bytes_t granted, bytes_t asked,
                                                   bytes_t *ret_details);

/* `,"authorization_details":[…]`; nothing where there are none. */
void authorization_details_add(builder_t *builder, bytes_t details);

#endif
