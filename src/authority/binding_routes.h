/* What `sekisho binding` asks, over the Unix socket: a person's keys in the domain's keeping. */
#ifndef SEKISHO_AUTHORITY_BINDING_ROUTES_H
#define SEKISHO_AUTHORITY_BINDING_ROUTES_H

#include "http/http.h"

/* /admin/bindings/{domain}/{subject} */
void binding_list(http_request_t *http, void *app);
void binding_forget(http_request_t *http, void *app); /* all of them: the next one is a first one */
/* …/ticket: one more key of the person may be bound, once, within BINDING_TICKET_MS. */
void binding_ticket(http_request_t *http, void *app);
#define BINDING_TICKET_MS ((int64_t)15 * 60 * 1000)

#endif
