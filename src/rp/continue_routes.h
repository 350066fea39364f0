/* GET /continue: what waits, for whom and why, for the pages. POST /continue/decline: the person does not
 * want it. POST /continue/allow: the person lets the application have what the page showed. */
#ifndef SEKISHO_RP_CONTINUE_ROUTES_H
#define SEKISHO_RP_CONTINUE_ROUTES_H

#include "http/http.h"

http_handler_t continue_show_handle;
http_handler_t continue_decline_handle;
http_handler_t continue_allow_handle;

#endif
