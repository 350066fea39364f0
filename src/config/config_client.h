/* A client of one domain, by the names of RFC 7591. */
#ifndef SEKISHO_CONFIG_CONFIG_CLIENT_H
#define SEKISHO_CONFIG_CONFIG_CLIENT_H

#include "config/config_rp.h"
#include "policy/requirement.h"

/* When a code also gives a refresh token: as grant_types says, or where it is left out. */
typedef enum refresh_use { REFRESH_ON_REQUEST, REFRESH_ALWAYS, REFRESH_NEVER } refresh_use_t;

typedef struct config_client {
  const char *id;
  const char *name; /* shown to people; never NULL: the id when none is given */
  bool public_client;
  text_list_t redirect_uris;
  text_list_t post_logout_redirect_uris;
  text_list_t scopes;                     /* empty: all of the domain */
  const char *token_endpoint_auth_method; /* none in this version */
  refresh_use_t refresh_use;
  requirement_t requirement; /* its own entry, joined with the domain's */
} config_client_t;

#endif
