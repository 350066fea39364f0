/* The audit log of the login server, for `sekisho audit`. */
#include "audit/audit_json.h"
#include "rp/admin.h"
#include "rp/rp.h"

static void reply(const exchange_t *exchange, error_code_t error, json_t *object)
{
  if (error != ERR_NONE)
    rp_refuse(exchange, error);
  else
    http_reply_json(exchange->request, 200, object);
}

void admin_audit_show(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange.rp->store);
  http_form_t *query;
  json_t *object = NULL;
  error_code_t error = read.database != NULL ? http_request_query(request, &query) : ERR_UNAVAILABLE;
  if (error == ERR_NONE) {
    const audit_query_t asked = {.subject = http_form_get(query, "subject"),
                                 .before = http_form_get(query, "before"),
                                 .limit = http_form_get(query, "limit")};
    error = audit_show_json(read.database, &asked, exchange.arena, &object);
  }
  reply(&exchange, error, object);
}

void admin_audit_verify(http_request_t *request, void *app)
{
  EXCHANGE_BEGIN(exchange, request, app);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange.rp->store);
  json_t *object = NULL;
  error_code_t error = read.database != NULL ? audit_verify_json(read.database, &object) : ERR_UNAVAILABLE;
  reply(&exchange, error, object);
}
