/* `sekisho client`: the clients of the configuration that the authority runs with. */
#include <string.h>

#include "cli/operation.h"

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

int command_client(int argc, char **argv)
{
  static const verb_t verb = {"list", PROGRAM_AUTHORITY, 0, 0, TAKES_DOMAIN, list};
  return operation_run(argc, argv, &verb, 1);
}
