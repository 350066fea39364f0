/* `sekisho credential`: the passkeys of an account. */
#include <stdio.h>

#include "cli/operation.h"

static const column_t columns[] = {
    {"ID", "id", COLUMN_PLAIN},
    {"NAME", "nickname", COLUMN_PLAIN},
    {"MODEL", "aaguid", COLUMN_PLAIN},
    {"ATTESTED", "attested", COLUMN_PLAIN},
    {"SYNCED", "backed_up", COLUMN_PLAIN},
    {"CREATED", "created_at", COLUMN_TIME},
    {"LAST USED", "last_used_at", COLUMN_TIME},
};

static int list(operation_t *operation)
{
  const char *name = operation->arguments[0];
  CLEANUP(json_drop) json_t *answer = NULL;
  int code = operation_call(operation, name, "GET",
                            operation_path(operation, "/users/%s/credentials", name, NULL), NULL, &answer);
  return code == EXIT_DONE
             ? operation_print_list(operation, answer, answer, columns, sizeof(columns) / sizeof(columns[0]))
             : code;
}

static int revoke(operation_t *operation)
{
  const char *name = operation->arguments[0], *id = operation->arguments[1];
  int code = operation_change(operation, id, "DELETE",
                              operation_path(operation, "/users/%s/credentials/%s", name, id));
  if (code == EXIT_DONE)
    printf("%s is revoked; the sessions of %s have ended.\n", id, name);
  return code;
}

int command_credential(int argc, char **argv)
{
  static const verb_t verbs[] = {
      {"list", PROGRAM_RP, 1, 1, 0, list},
      {"revoke", PROGRAM_RP, 2, 2, 0, revoke},
  };
  return operation_run(argc, argv, verbs, sizeof(verbs) / sizeof(verbs[0]));
}
