/* applications and consent_withdrawn of the hand-off: what somebody allowed applications of others, and
 * taking it back. */
#ifndef SEKISHO_AUTHORITY_CONSENT_ROUTES_H
#define SEKISHO_AUTHORITY_CONSENT_ROUTES_H

#include "http/http.h"

http_handler_t consent_list;
http_handler_t consent_withdrawn;

#endif
