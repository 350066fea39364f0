/* What operators may do to accounts, over the process's own Unix socket: whoever can open it is the operator.
 */
#ifndef SEKISHO_RP_ADMIN_H
#define SEKISHO_RP_ADMIN_H

#include "http/http.h"

http_handler_t admin_users_list;          /* GET /users ?after=NAME: the next thousand */
http_handler_t admin_users_add;           /* POST /users {"username", "display_name"} */
http_handler_t admin_users_show;          /* GET /users/{name} */
http_handler_t admin_users_disable;       /* POST /users/{name}/disable: its sessions end */
http_handler_t admin_users_enable;        /* POST /users/{name}/enable */
http_handler_t admin_users_delete;        /* DELETE /users/{name} */
http_handler_t admin_claims_show;         /* GET /users/{name}/claims */
http_handler_t admin_claims_change;       /* PATCH /users/{name}/claims {"set": {}, "clear": []} */
http_handler_t admin_users_invite;        /* POST /users/{name}/invite: makes the account if need be */
http_handler_t admin_users_recovery;      /* POST /users/{name}/recovery */
http_handler_t admin_credentials_list;    /* GET /users/{name}/credentials */
http_handler_t admin_credentials_revoke;  /* DELETE /users/{name}/credentials/{id} */
http_handler_t admin_sessions_list;       /* GET /users/{name}/sessions */
http_handler_t admin_sessions_revoke;     /* DELETE /users/{name}/sessions/{id} */
http_handler_t admin_audit_show;          /* GET /audit ?subject &before &limit */
http_handler_t admin_audit_verify;        /* GET /audit/verify */
http_handler_t admin_sessions_revoke_all; /* DELETE /users/{name}/sessions */

#endif
