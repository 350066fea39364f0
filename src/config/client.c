#include "config/config_client.h"

const char *client_method_name(client_method_t method)
{
  static const char *const names[] = {[CLIENT_NONE] = "none",
                                      [CLIENT_SECRET_BASIC] = "client_secret_basic",
                                      [CLIENT_SECRET_POST] = "client_secret_post",
                                      [CLIENT_PRIVATE_KEY_JWT] = "private_key_jwt",
                                      [CLIENT_TLS] = "tls_client_auth",
                                      [CLIENT_SELF_SIGNED_TLS] = "self_signed_tls_client_auth"};
  return names[method];
}

bool client_method_parse(bytes_t name, client_method_t *ret_method)
{
  for (client_method_t method = CLIENT_NONE; method < CLIENT_METHOD_COUNT; method++)
    if (bytes_equal_string(name, client_method_name(method))) {
      *ret_method = method;
      return true;
    }
  return false;
}

bool client_method_is_tls(client_method_t method)
{
  return method == CLIENT_TLS || method == CLIENT_SELF_SIGNED_TLS;
}

bool config_client_uses(const config_client_t *client, bytes_t grant_type)
{
  for (size_t i = 0; i < client->grant_types.count; i++)
    if (bytes_equal_string(grant_type, client->grant_types.items[i]))
      return true;
  return client->grant_types.count == 0 && (bytes_equal_string(grant_type, "authorization_code") ||
                                            bytes_equal_string(grant_type, "refresh_token"));
}

refresh_use_t config_client_refresh_use(const config_client_t *client)
{
  if (client->grant_types.count == 0)
    return REFRESH_ON_REQUEST;
  return config_client_uses(client, BYTES_LITERAL("refresh_token")) ? REFRESH_ALWAYS : REFRESH_NEVER;
}
