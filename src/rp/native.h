/* POST /{domain}/challenge: sign-in and step-up of applications of ours, without a browser (OAuth 2.0 for
 * First-Party Applications, draft-ietf-oauth-first-party-apps). It walks the way that a browser walks:
 * /authorize, the ceremony's options, its result, /authorize again; the same handlers judge each step. What a
 * browser keeps in cookies travels in the auth_session. */
#ifndef SEKISHO_RP_NATIVE_H
#define SEKISHO_RP_NATIVE_H

#include "http/http.h"

http_handler_t native_challenge_handle;

#endif
