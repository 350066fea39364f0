#include "rp/deleted_passkey.h"

#include "store/rp_deleted_credential.h"
#include "webauthn/authentication.h"

static error_code_t response_parse(const exchange_t *exchange,
                                   webauthn_authentication_response_t *ret_response,
                                   client_data_t *ret_client_data)
{
  json_t *body = NULL;
  error_detail_t detail;
  error_code_t error = http_request_json(exchange->request, &body);
  if (error == ERR_NONE)
    error = webauthn_authentication_response_parse(exchange->arena, body, RESPONSE_FORM_FIDO, ret_response,
                                                   &detail);
  if (error == ERR_NONE)
    error = client_data_parse(exchange->arena, ret_response->client_data_json, ret_client_data, &detail);
  ret_response->client_data = ret_client_data;
  return error;
}

static error_code_t find_key(const exchange_t *exchange, bytes_t id, bytes_t *ret_key)
{
  CLEANUP(store_read_end) store_read_t read = store_read_begin(exchange->rp->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  return rp_deleted_credential_find(read.database, exchange->arena, id, ret_key);
}

bool deleted_passkey_is_proven(const exchange_t *exchange, const challenge_t *challenge)
{
  webauthn_authentication_response_t response = {0};
  client_data_t client_data = {0};
  bytes_t key = BYTES_NONE;
  error_code_t error = response_parse(exchange, &response, &client_data);
  if (error == ERR_NONE)
    error = find_key(exchange, response.id, &key);
  if (error != ERR_NONE)
    return false;
  /* Whose it was is no longer known, nor needed: the key alone is what has to be proven. */
  const webauthn_stored_credential_t deleted = {.id = response.id,
                                                .user_handle = response.user_handle,
                                                .public_key = key,
                                                .backup_eligible_unknown = true};
  const webauthn_authentication_terms_t terms = {.site = &exchange->settings->site,
                                                 .challenge = challenge_bytes(challenge),
                                                 .user_handle_optional = true,
                                                 .credential = &deleted};
  webauthn_verdict_t verdict = {0};
  const webauthn_authenticated_t *authenticated = NULL;
  return webauthn_authentication_verify(exchange->arena, &terms, &response, &verdict, &authenticated) ==
         ERR_NONE;
}
