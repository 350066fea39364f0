/* GET /healthz (the process lives) and /readyz (it can do its work; the body says what it cannot). */
#ifndef SEKISHO_RP_HEALTH_H
#define SEKISHO_RP_HEALTH_H

#include "http/http.h"

http_handler_t health_live_handle;
http_handler_t health_ready_handle;

#endif
