/* POST /attestation/options and /attestation/result: a new account, or a further passkey of one. */
#ifndef SEKISHO_RP_REGISTRATION_H
#define SEKISHO_RP_REGISTRATION_H

#include "http/http.h"

http_handler_t registration_options_handle;
http_handler_t registration_result_handle;

#endif
