#include "authority/client.h"

#include "authority/origin.h"
#include "base/json.h"
#include "crypto/jwk.h"

#define SECRET_DISTINCT_MIN                                                                                  \
  10 /* of characters: what a generator makes has more, what a person types has not */

/* --- secrets --- */

bool client_secret_is_strong(bytes_t secret)
{
  bool seen[128] = {false};
  size_t distinct = 0;
  if (secret.len < CLIENT_SECRET_MIN || secret.len > CLIENT_SECRET_MAX)
    return false;
  for (size_t i = 0; i < secret.len; i++) {
    if (secret.data[i] <= 0x20 || secret.data[i] >= 0x7f)
      return false;
    distinct += seen[secret.data[i]] ? 0 : 1;
    seen[secret.data[i]] = true;
  }
  return distinct >= SECRET_DISTINCT_MIN;
}

static error_code_t secret_read(client_t *client, error_detail_t *detail)
{
  const char *path = client->config->credential.secret_file;
  uint8_t memory[CLIENT_SECRET_MAX + 2];
  size_t len;
  error_code_t error = secret_text_load(path, memory, sizeof memory, &len, detail);
  if (error != ERR_NONE)
    return error;
  if (len > 0 && memory[len - 1] == '\n')
    len--; /* as editors end a line */
  bytes_t secret = bytes_of(memory, len);
  error = client_secret_is_strong(secret)
              ? hash_sha256(secret, &client->secret)
              : error_because(
                    detail, ERR_KEY_FILE,
                    "%s: the secret of client %s must be %d to %d visible ASCII characters that are not "
                    "all alike; make one with `openssl rand -base64 33`",
                    path, client->config->id, CLIENT_SECRET_MIN, CLIENT_SECRET_MAX);
  secret_wipe(memory, sizeof memory);
  return error;
}

/* --- keys --- */

static error_code_t key_id_read(arena_t *arena, const json_t *jwk, bytes_t *ret_id)
{
  bytes_t id;
  *ret_id = BYTES_NONE;
  if (json_get_text(jwk, "kid", &id) != ERR_NONE)
    return ERR_KEY;
  if (id.len == 0)
    return ERR_NONE;
  *ret_id = arena_copy(arena, id);
  return ret_id->data != NULL ? ERR_NONE : ERR_NO_MEMORY;
}

static error_code_t key_read(arena_t *arena, const config_client_t *config, json_t *jwk,
                             jwk_set_key_t *ret_key)
{
  /* An RSA key that does not say is for the algorithm that the client is registered with. */
  if (json_object_get(jwk, "alg") == NULL && json_object_get(jwk, "n") != NULL)
    json_set_string(jwk, "alg", config->credential.algorithm);
  error_code_t error = key_id_read(arena, jwk, &ret_key->id);
  if (error == ERR_NONE)
    error = jwk_set_key_certificate(arena, jwk, ret_key);
  if (error == ERR_NONE && config->method == CLIENT_SELF_SIGNED_TLS && !ret_key->has_certificate)
    error = ERR_KEY;
  return error == ERR_NONE ? jwk_parse(jwk, &ret_key->key) : error;
}

static error_code_t jwks_read(arena_t *arena, client_t *client, error_detail_t *detail)
{
  const config_client_t *config = client->config;
  if (config->credential.jwks_uri != NULL)
    return ERR_NONE; /* fetched when somebody needs them: remote_keys.h */
  CLEANUP(json_drop) json_t *set = NULL;
  json_t *keys = NULL;
  error_code_t error = json_parse(bytes_of_string(config->credential.jwks), &set);
  if (error == ERR_NONE)
    error = json_get_array(set, "keys", &keys);
  if (error != ERR_NONE)
    return error_because(detail, ERR_CONFIG, "the jwks of client %s cannot be read", config->id);
  if (json_array_size(keys) > CLIENT_KEYS_MAX)
    return error_because(detail, ERR_CONFIG, "the jwks of client %s has more than %d keys", config->id,
                         CLIENT_KEYS_MAX);
  client->keys.keys = arena_alloc(arena, CLIENT_KEYS_MAX * sizeof *client->keys.keys);
  if (client->keys.keys == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < json_array_size(keys); i++) {
    error = key_read(arena, config, json_array_get(keys, i), &client->keys.keys[i]);
    if (error != ERR_NONE)
      return error_because(detail, ERR_CONFIG,
                           "key %zu in the jwks of client %s cannot be used (%s): take a public key for "
                           "ES256, ES384, EdDSA, PS256 or RS256%s",
                           i, config->id, error_info(error)->slug,
                           config->method == CLIENT_SELF_SIGNED_TLS ? ", with its certificate as x5c" : "");
    client->keys.count = i + 1;
  }
  return ERR_NONE;
}

/* --- certificates --- */

static error_code_t certificate_read(client_t *client, error_detail_t *detail)
{
  const config_certificate_names_t *names = &client->config->credential.certificate;
  const char *const texts[CERTIFICATE_NAME_KINDS] = {[CERTIFICATE_SUBJECT_DN] = names->subject_dn,
                                                     [CERTIFICATE_SAN_DNS] = names->san_dns,
                                                     [CERTIFICATE_SAN_URI] = names->san_uri,
                                                     [CERTIFICATE_SAN_IP] = names->san_ip,
                                                     [CERTIFICATE_SAN_EMAIL] = names->san_email};
  size_t count = 0;
  for (int kind = 0; kind < CERTIFICATE_NAME_KINDS; kind++)
    if (texts[kind] != NULL) {
      client->certificate = (certificate_name_t){(certificate_name_kind_t)kind, texts[kind]};
      count++;
    }
  if (count != 1)
    return error_because(detail, ERR_CONFIG, "client %s must have exactly one name of its certificate",
                         client->config->id);
  if (!certificate_name_is_readable(&client->certificate))
    return error_because(detail, ERR_CONFIG, "%s of client %s cannot be read: check \"%s\"",
                         certificate_name_members[client->certificate.kind], client->config->id,
                         client->certificate.text);
  return ERR_NONE;
}

error_code_t client_keys_read(arena_t *arena, client_t *client, error_detail_t *detail)
{
  switch (client->config->method) {
  case CLIENT_PRIVATE_KEY_JWT:
  case CLIENT_SELF_SIGNED_TLS:
    return jwks_read(arena, client, detail);
  case CLIENT_TLS:
    return certificate_read(client, detail);
  case CLIENT_NONE:
  case CLIENT_SECRET_BASIC:
  case CLIENT_SECRET_POST:
    break;
  }
  return ERR_NONE;
}

/* --- the table --- */

error_code_t client_table_find_origins(arena_t *arena, client_table_t *table)
{
  size_t most = 0;
  for (size_t i = 0; i < table->count; i++)
    most += table->clients[i].config->redirect_uris.count;
  const char **items = arena_alloc(arena, (most + 1) * sizeof *items);
  if (items == NULL)
    return ERR_NO_MEMORY;
  text_list_t origins = {.items = items, .count = 0};
  for (size_t i = 0; i < table->count; i++) {
    const config_client_t *client = table->clients[i].config;
    for (size_t j = 0; client->public_client && j < client->redirect_uris.count; j++) {
      web_origin_t origin;
      if (!web_origin_parse(arena, client->redirect_uris.items[j], &origin))
        continue;
      if (!text_list_contains(&origins, bytes_of_string(origin.text)))
        items[origins.count++] = origin.text;
    }
  }
  table->origins = origins;
  return ERR_NONE;
}

error_code_t client_table_build(arena_t *arena, const config_domain_t *domain, client_table_t *ret_table,
                                error_detail_t *detail)
{
  error_code_t error = ERR_NONE;
  ret_table->count = 0;
  ret_table->clients = arena_alloc(arena, (domain->client_count + 1) * sizeof *ret_table->clients);
  if (ret_table->clients == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < domain->client_count && error == ERR_NONE; i++) {
    client_t *client = &ret_table->clients[i];
    client->config = &domain->clients[i];
    ret_table->count = i + 1;
    error = client->config->credential.secret_file != NULL ? secret_read(client, detail)
                                                           : client_keys_read(arena, client, detail);
  }
  return error == ERR_NONE ? client_table_find_origins(arena, ret_table) : error;
}

void client_table_done(client_table_t *table)
{
  for (size_t i = 0; i < table->count; i++)
    jwk_set_done(&table->clients[i].keys);
  table->count = 0;
}

const client_t *client_table_find(const client_table_t *table, bytes_t id)
{
  for (size_t i = 0; i < table->count; i++)
    if (bytes_equal_string(id, table->clients[i].config->id))
      return &table->clients[i];
  return NULL;
}
