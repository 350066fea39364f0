/* RP-initiated logout, as far as the browser sees it: an application sends it here, by way of the authority's
 * end_session. What the authority lets the application decide is done at once; for the rest a page asks. */
#ifndef SEKISHO_RP_LOGOUT_H
#define SEKISHO_RP_LOGOUT_H

#include "http/http.h"

http_handler_t logout_handle;      /* GET /{domain}/logout */
http_handler_t logout_show_handle; /* GET /logout/request?handle=: what the page says, and where it leads */

#endif
