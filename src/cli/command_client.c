/* `sekisho client`: the clients of the domains. Those of the configuration are changed there; the others are
 * in the store of their domain. */
#include <stdio.h>
#include <string.h>

#include "cli/operation.h"

#define JWKS_MAX ((size_t)64 * 1024)

static const column_t columns[] = {
    {"DOMAIN", "domain", COLUMN_PLAIN}, {"ID", "id", COLUMN_PLAIN},
    {"NAME", "name", COLUMN_PLAIN},     {"PUBLIC", "public", COLUMN_PLAIN},
    {"SCOPES", "scopes", COLUMN_PLAIN}, {"REDIRECT URIS", "redirect_uris", COLUMN_PLAIN},
};

static void keep_domain(json_t *clients, const char *domain)
{
  for (size_t i = json_array_size(clients); i-- > 0;) {
    const char *of = json_string_value(json_object_get(json_array_get(clients, i), "domain"));
    if (of == NULL || strcmp(of, domain) != 0)
      json_array_remove(clients, i);
  }
}

static int list(operation_t *operation)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  json_t *clients = NULL;
  int code = operation_call(operation, NULL, "GET", "/admin/clients", NULL, &answer);
  if (code != EXIT_DONE)
    return code;
  if (json_get_array(answer, "clients", &clients) != ERR_NONE || clients == NULL)
    return cli_fail(EXIT_REFUSED, "the server's answer cannot be read");
  if (operation->domain != NULL)
    keep_domain(clients, operation->domain);
  return operation_print_list(operation, answer, clients, columns, sizeof(columns) / sizeof(columns[0]));
}

/* --- add --- */

static const char *method_of(const operation_client_t *client, const json_t *body)
{
  if (client->method != NULL)
    return client->method;
  if (json_object_get(body, "jwks") != NULL || json_object_get(body, "jwks_uri") != NULL)
    return "private_key_jwt";
  return client->confidential || client->own ? "client_secret_basic" : "none";
}

/* A file of one JSON value; what: for whoever named another. */
static int read_file(operation_t *operation, const char *path, const char *what, json_t **ret_value)
{
  uint8_t *memory = arena_alloc(operation->admin.arena, JWKS_MAX + 1);
  FILE *file = memory != NULL ? fopen(path, "rb") : NULL;
  size_t len = file != NULL ? fread(memory, 1, JWKS_MAX + 1, file) : 0;
  bool read = file != NULL && ferror(file) == 0 && len <= JWKS_MAX;
  if (file != NULL)
    fclose(file);
  if (!read || json_parse(bytes_of(memory, len), ret_value) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "%s is no file with %s", path, what);
  return EXIT_DONE;
}

static int add_jwks(operation_t *operation, json_t *body)
{
  json_t *jwks = NULL;
  int code = read_file(operation, operation->client.jwks_file, "a key set as JSON: {\"keys\": [...]}", &jwks);
  json_object_set_new(body, "jwks", jwks);
  return code;
}

/* What the options say is said there alone. */
static int add_metadata(operation_t *operation, json_t *body)
{
  CLEANUP(json_drop) json_t *metadata = NULL;
  int code =
      read_file(operation, operation->client.metadata_file, "JSON: {\"jwks_uri\": \"https://…\"}", &metadata);
  if (code == EXIT_DONE && json_object_update_missing(body, metadata) != 0)
    code = cli_fail(EXIT_REFUSED, "%s is no JSON object", operation->client.metadata_file);
  return code;
}

static json_t *uris_json(const uri_list_t *uris)
{
  json_t *list = json_array();
  for (size_t i = 0; i < uris->count; i++)
    json_array_append_new(list, json_string(uris->items[i]));
  return list;
}

static json_t *registration_of(const operation_client_t *client)
{
  json_t *body = json_object();
  json_t *grants = json_array();
  if (client->redirect_uris.count > 0 || !client->own)
    json_array_append_new(grants, json_string("authorization_code"));
  if (client->refreshes)
    json_array_append_new(grants, json_string("refresh_token"));
  if (client->own)
    json_array_append_new(grants, json_string("client_credentials"));
  json_set_string(body, "client_name", client->name);
  json_set_string(body, "scope", client->scope);
  json_object_set_new(body, "redirect_uris", uris_json(&client->redirect_uris));
  json_object_set_new(body, "post_logout_redirect_uris", uris_json(&client->post_logout_redirect_uris));
  json_object_set_new(body, "grant_types", grants);
  json_set_boolean(body, "dpop_bound_access_tokens", client->dpop_bound);
  json_set_boolean(body, "require_pushed_authorization_requests", client->push_required);
  json_set_boolean(body, "third_party", client->third_party);
  return body;
}

/* The id stands alone on the first line, the secret, which is told this once, on the second. */
static int print_secret(const operation_t *operation, const json_t *answer)
{
  if (operation->json)
    return operation_print_json(answer);
  const char *id = json_string_value(json_object_get(answer, "client_id"));
  const char *secret = json_string_value(json_object_get(answer, "client_secret"));
  if (id == NULL)
    return cli_fail(EXIT_REFUSED, "the server's answer cannot be read");
  printf("%s\n", id);
  if (secret != NULL)
    printf("%s\nThe second line is the secret; it is not kept and not shown again.\n", secret);
  return EXIT_DONE;
}

static int add(operation_t *operation)
{
  const char *domain = operation->arguments[0];
  CLEANUP(json_drop) json_t *answer = NULL;
  CLEANUP(json_drop) json_t *body = registration_of(&operation->client);
  int code = operation->client.jwks_file != NULL ? add_jwks(operation, body) : EXIT_DONE;
  if (code == EXIT_DONE && operation->client.metadata_file != NULL)
    code = add_metadata(operation, body);
  if (json_object_get(body, "token_endpoint_auth_method") == NULL)
    json_set_string(body, "token_endpoint_auth_method", method_of(&operation->client, body));
  if (code == EXIT_DONE)
    code = operation_call(operation, domain, "POST",
                          operation_path(operation, "/admin/clients/%s", domain, NULL), body, &answer);
  return code == EXIT_DONE ? print_secret(operation, answer) : code;
}

/* --- rotate, remove --- */

static int rotate(operation_t *operation)
{
  const char *domain = operation->arguments[0], *id = operation->arguments[1];
  CLEANUP(json_drop) json_t *answer = NULL;
  CLEANUP(json_drop) json_t *body = json_object();
  json_set_boolean(body, "at_once", operation->client.at_once);
  int code =
      operation_call(operation, id, "POST",
                     operation_path(operation, "/admin/clients/%s/%s/rotate", domain, id), body, &answer);
  if (code == EXIT_DONE)
    code = print_secret(operation, answer);
  if (code == EXIT_DONE && !operation->json)
    printf("%s\n", operation->client.at_once ? "The one before it is good no more."
                                             : "The one before it is good for 24 hours yet.");
  return code;
}

static int remove_client(operation_t *operation)
{
  const char *domain = operation->arguments[0], *id = operation->arguments[1];
  int code = operation_change(operation, id, "DELETE",
                              operation_path(operation, "/admin/clients/%s/%s", domain, id));
  if (code == EXIT_DONE)
    printf("%s is removed; what it was given has ended.\n", id);
  return code;
}

int command_client(int argc, char **argv)
{
  static const verb_t verbs[] = {
      {"list", PROGRAM_AUTHORITY, 0, 0, TAKES_DOMAIN, list},
      {"add", PROGRAM_AUTHORITY, 1, 1, TAKES_CLIENT, add},
      {"rotate", PROGRAM_AUTHORITY, 2, 2, TAKES_AT_ONCE, rotate},
      {"remove", PROGRAM_AUTHORITY, 2, 2, 0, remove_client},
  };
  return operation_run(argc, argv, verbs, sizeof(verbs) / sizeof(verbs[0]));
}
