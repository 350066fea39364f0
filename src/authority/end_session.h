/* OpenID Connect RP-Initiated Logout 1.0. The endpoint of the issuer sends the browser on to the login
 * server, which has the session's cookie and pages; what the request may do is judged here, over the
 * hand-off. */
#ifndef SEKISHO_AUTHORITY_END_SESSION_H
#define SEKISHO_AUTHORITY_END_SESSION_H

#include "http/http.h"

http_handler_t end_session_endpoint; /* GET and POST {issuer}/end_session */
http_handler_t logout_judge;         /* the hand-off's logout */

#endif
