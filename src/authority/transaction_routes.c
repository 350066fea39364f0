#include "authority/transaction_routes.h"

#include "authority/authority.h"
#include "base/text.h"
#include "store/authority_transactions.h"

static json_t *transaction_json(arena_t *arena, const domain_t *domain, const transaction_t *transaction)
{
  json_t *object = json_object();
  json_set_string(object, "domain", domain->id.text);
  json_set_text(object, "transaction", transaction->id);
  json_set_string(object, "time", text_format_time(arena, transaction->time_ms));
  json_set_text(object, "client", transaction->client);
  json_set_text(object, "subject", transaction->subject);
  json_set_text(object, "language", transaction->language);
  json_set_text(object, "shown", transaction->shown);
  json_set_text(object, "details", transaction->details);
  json_set_text(object, "statement", transaction->statement);
  json_set_base64url(object, "credential_id", transaction->credential_id);
  json_set_base64url(object, "authenticator_data", transaction->authenticator_data);
  json_set_base64url(object, "client_data", transaction->client_data);
  json_set_base64url(object, "signature", transaction->signature);
  json_set_base64url(object, "public_key_cose", transaction->public_key);
  json_set_integer(object, "alg", transaction->algorithm);
  return object;
}

void transaction_show(http_request_t *http, void *app)
{
  domain_t *domain = authority_find_domain(app, http_request_segment(http, "domain"));
  if (domain == NULL) {
    http_reply_error(http, ERR_UNKNOWN_DOMAIN);
    return;
  }
  transaction_t transaction;
  arena_t *arena = http_request_arena(http);
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  error_code_t error =
      read.database != NULL
          ? transaction_find(read.database, arena, http_request_segment(http, "transaction"), &transaction)
          : ERR_UNAVAILABLE;
  if (error != ERR_NONE)
    http_reply_error(http, error);
  else
    http_reply_json(http, 200, transaction_json(arena, domain, &transaction));
}
