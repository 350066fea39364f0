/* GET and POST {issuer}/userinfo: OpenID Connect Core §5.3. */
#ifndef SEKISHO_AUTHORITY_USERINFO_H
#define SEKISHO_AUTHORITY_USERINFO_H

#include "http/http.h"

http_handler_t userinfo_endpoint;
http_handler_t userinfo_preflight;

#endif
