/* What other programs look up about this site under /.well-known/. */
#ifndef SEKISHO_RP_WELL_KNOWN_H
#define SEKISHO_RP_WELL_KNOWN_H

#include "http/http.h"

http_handler_t well_known_webauthn;          /* the origins that may use our RP ID: WebAuthn L3 §5.11 */
http_handler_t well_known_passkey_endpoints; /* where passkeys are made and managed: W3C passkey endpoints */

#endif
