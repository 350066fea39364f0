/* GET and POST /{domain}/authorize: the front of the domain's authority. It judges nothing itself: the
 * request goes to the authority as it is, and the answer to the browser as the authority gave it. */
#ifndef SEKISHO_RP_AUTHORIZE_H
#define SEKISHO_RP_AUTHORIZE_H

#include "http/http.h"

http_handler_t authorize_handle;
http_handler_t authorize_post_handle;

#endif
