/* What the rp tells of sessions unasked: session_ended, account_ended and credential_changed of the hand-off.
 * Each may come more than once. */
#ifndef SEKISHO_AUTHORITY_SESSION_ENDED_H
#define SEKISHO_AUTHORITY_SESSION_ENDED_H

#include "http/http.h"

http_handler_t session_ended;
http_handler_t account_ended;
http_handler_t credential_changed;

#endif
