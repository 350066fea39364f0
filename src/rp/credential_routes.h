/* GET /credentials[/{id}], PATCH and DELETE /credentials/{id}: the caller's own passkeys. */
#ifndef SEKISHO_RP_CREDENTIAL_ROUTES_H
#define SEKISHO_RP_CREDENTIAL_ROUTES_H

#include "http/http.h"

http_handler_t credentials_list_handle;
http_handler_t credentials_show_handle;
http_handler_t credentials_rename_handle;
http_handler_t credentials_delete_handle;

#endif
