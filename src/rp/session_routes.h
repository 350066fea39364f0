/* GET and DELETE /session; GET and DELETE /sessions; DELETE /sessions/{id}. */
#ifndef SEKISHO_RP_SESSION_ROUTES_H
#define SEKISHO_RP_SESSION_ROUTES_H

#include "http/http.h"
#include "store/rp_session.h"

http_handler_t session_show_handle;
http_handler_t session_sign_out_handle;
http_handler_t sessions_list_handle;
http_handler_t sessions_end_all_handle;
http_handler_t sessions_end_one_handle;

/* {"id", "created_at", "auth_time", "last_seen_at", "expires_at", "user_agent", "current"} */
void session_item_write(builder_t *builder, const rp_session_t *session, bool current);
#define SESSION_ITEM_MAX_LENGTH 2048

#endif
