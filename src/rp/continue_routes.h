/* GET /continue: what waits, for whom and why, for the pages. POST /continue/decline: the person does not
 * want it. */
#ifndef SEKISHO_RP_CONTINUE_ROUTES_H
#define SEKISHO_RP_CONTINUE_ROUTES_H

#include "http/http.h"

http_handler_t continue_show_handle;
http_handler_t continue_decline_handle;

#endif
