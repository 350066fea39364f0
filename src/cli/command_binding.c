/* `sekisho binding`: a person's keys in a domain's own keeping. */
#include <stdio.h>

#include "cli/operation.h"

static const column_t columns[] = {
    {"CREDENTIAL", "credential", COLUMN_PLAIN},
    {"ALG", "alg", COLUMN_PLAIN},
    {"BINDING", "binding", COLUMN_PLAIN},
};

static int call(operation_t *operation, const char *method, const char *pattern, json_t **ret_answer)
{
  if (operation->domain == NULL || operation->subject == NULL)
    return cli_fail(EXIT_USAGE, "binding: give --domain and --subject");
  return operation_call(operation, operation->subject, method,
                        operation_path(operation, pattern, operation->domain, operation->subject), NULL,
                        ret_answer);
}

static int list(operation_t *operation)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  int code = call(operation, "GET", "/admin/bindings/%s/%s", &answer);
  return code == EXIT_DONE ? operation_print_list(operation, answer, json_object_get(answer, "bindings"),
                                                  columns, sizeof(columns) / sizeof(columns[0]))
                           : code;
}

static int ticket(operation_t *operation)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  int code = call(operation, "POST", "/admin/bindings/%s/%s/ticket", &answer);
  if (code != EXIT_DONE)
    return code;
  if (operation->json)
    return operation_print_json(answer);
  const char *expires = json_string_value(json_object_get(answer, "expires"));
  printf("one more passkey of %s is bound at its next sign-in, until %s\n", operation->subject,
         expires != NULL ? expires : "?");
  return EXIT_DONE;
}

static int forget(operation_t *operation)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  return call(operation, "DELETE", "/admin/bindings/%s/%s", &answer);
}

int command_binding(int argc, char **argv)
{
  static const verb_t verbs[] = {
      {"list", PROGRAM_AUTHORITY, 0, 0, TAKES_DOMAIN | TAKES_SUBJECT, list},
      {"ticket", PROGRAM_AUTHORITY, 0, 0, TAKES_DOMAIN | TAKES_SUBJECT, ticket},
      {"remove", PROGRAM_AUTHORITY, 0, 0, TAKES_DOMAIN | TAKES_SUBJECT, forget},
  };
  return operation_run(argc, argv, verbs, sizeof(verbs) / sizeof(verbs[0]));
}
