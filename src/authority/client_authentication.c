#include "authority/token_request.h"

/* RFC 6749 §2.1, OAuth 2.1: a public client proves nothing but its code's verifier. */
static error_code_t authenticate_none(const http_form_t *form, const domain_settings_t *settings,
                                      const config_client_t **ret_client)
{
  const config_client_t *client = config_find_client(settings->config, http_form_get(form, "client_id"));
  if (client == NULL || !client->public_client)
    return ERR_CLIENT_AUTHENTICATION;
  *ret_client = client;
  return ERR_NONE;
}

const client_method_t client_methods[] = {{"none", authenticate_none}};
const size_t client_method_count = sizeof client_methods / sizeof *client_methods;

/* What only a client with a credential sends. As long as there is no such method, none of it is looked at,
 * and a client that sends it is never taken for a public one. */
static bool shows_credential(http_request_t *http, const http_form_t *form)
{
  static const char *const parameters[] = {"client_secret", "client_assertion", "client_assertion_type"};
  bytes_t header;
  if (http_request_header(http, "Authorization", &header) != 0)
    return true;
  for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
    if (http_form_get(form, parameters[i]).len > 0)
      return true;
  return false;
}

error_code_t client_authenticate(http_request_t *http, const http_form_t *form,
                                 const domain_settings_t *settings, const config_client_t **ret_client)
{
  if (shows_credential(http, form) || http_form_get(form, "client_id").len == 0)
    return ERR_CLIENT_AUTHENTICATION;
  return authenticate_none(form, settings, ret_client);
}
