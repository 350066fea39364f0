/* What a passkey manager is told about an account, so that it drops passkeys that were deleted here and shows
 * the names of today: the arguments of WebAuthn's Signal API (L3 §5.1.10) and of Android's likeness of it. */
#ifndef SEKISHO_RP_SIGNALS_H
#define SEKISHO_RP_SIGNALS_H

#include "http/http.h"

http_handler_t signals_handle; /* GET /signals: of the account that is signed in */

#endif
