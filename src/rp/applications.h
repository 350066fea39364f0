/* The applications of others that the account's person allowed something, at every domain, and taking it
 * back. */
#ifndef SEKISHO_RP_APPLICATIONS_H
#define SEKISHO_RP_APPLICATIONS_H

#include "http/http.h"

http_handler_t applications_list_handle;
http_handler_t applications_withdraw_handle;

#endif
