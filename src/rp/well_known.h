/* What other programs look up about this site under /.well-known/. Public for anyone at any name of ours: the
 * RP ID's own host, where most of it is looked up, need not be the pages'. */
#ifndef SEKISHO_RP_WELL_KNOWN_H
#define SEKISHO_RP_WELL_KNOWN_H

#include "http/http.h"

http_handler_t well_known_webauthn;          /* the origins that may use our RP ID: WebAuthn L3 §5.11 */
http_handler_t well_known_passkey_endpoints; /* where passkeys are made and managed: W3C passkey endpoints */
/* The apps that share our passkeys, for Google and for Apple; not found where none are configured. */
http_handler_t well_known_asset_links;     /* Digital Asset Links 1.0 */
http_handler_t well_known_apple_app_sites; /* Apple's associated domains */

#endif
