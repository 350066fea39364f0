/* One handler a message of the hand-off's table. */
#ifndef SEKISHO_AUTHORITY_HANDOFF_ROUTES_H
#define SEKISHO_AUTHORITY_HANDOFF_ROUTES_H

#include "handoff/handoff.h"
#include "http/http.h"

extern http_handler_t *const handoff_handlers[HANDOFF_KINDS];

#endif
