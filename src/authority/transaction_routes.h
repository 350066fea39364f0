/* What `sekisho audit show --transaction` asks of the process that keeps the evidence. */
#ifndef SEKISHO_AUTHORITY_TRANSACTION_ROUTES_H
#define SEKISHO_AUTHORITY_TRANSACTION_ROUTES_H

#include "http/http.h"

/* GET /admin/audit/{domain}/transactions/{transaction} */
void transaction_show(http_request_t *http, void *app);

#endif
