/* POST /assertion/options and /assertion/result: signing in, and stepping up. */
#ifndef SEKISHO_RP_ASSERTION_H
#define SEKISHO_RP_ASSERTION_H

#include "http/http.h"

http_handler_t assertion_options_handle;
http_handler_t assertion_result_handle;

#endif
