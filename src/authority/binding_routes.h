/* What `sekisho binding` asks, over the Unix socket: a person's keys in the domain's keeping. */
#ifndef SEKISHO_AUTHORITY_BINDING_ROUTES_H
#define SEKISHO_AUTHORITY_BINDING_ROUTES_H

#include "http/http.h"

/* /admin/bindings/{domain}/{subject} */
http_handler_t binding_list, binding_forget;
/* …/ticket: one more key of the person may be bound, once, within BINDING_TICKET_MS. */
http_handler_t binding_ticket;
#define BINDING_TICKET_MS ((int64_t)15 * 60 * 1000)

#endif
