/* `sekisho session`: where an account is signed in. */
#include <stdio.h>

#include "cli/operation.h"

static const column_t columns[] = {
    {"ID", "id", COLUMN_PLAIN},
    {"SIGNED IN", "auth_time", COLUMN_TIME},
    {"LAST SEEN", "last_seen_at", COLUMN_TIME},
    {"ENDS", "expires_at", COLUMN_TIME},
    {"BROWSER", "user_agent", COLUMN_PLAIN},
};

static int list(operation_t *operation)
{
  const char *name = operation->arguments[0];
  CLEANUP(json_drop) json_t *answer = NULL;
  int code = operation_call(operation, name, "GET",
                            operation_path(operation, "/users/%s/sessions", name, NULL), NULL, &answer);
  return code == EXIT_DONE
             ? operation_print_list(operation, answer, answer, columns, sizeof(columns) / sizeof(columns[0]))
             : code;
}

static int revoke_one(operation_t *operation, const char *name, const char *id)
{
  int code =
      operation_change(operation, id, "DELETE", operation_path(operation, "/users/%s/sessions/%s", name, id));
  if (code == EXIT_DONE)
    printf("the session has ended; its domains are told.\n");
  return code;
}

static int revoke_all(operation_t *operation, const char *name)
{
  int code = operation_change(operation, name, "DELETE",
                              operation_path(operation, "/users/%s/sessions", name, NULL));
  if (code == EXIT_DONE)
    printf("all sessions of %s have ended; their domains are told.\n", name);
  return code;
}

static int revoke(operation_t *operation)
{
  const char *name = operation->arguments[0], *id = operation->arguments[1];
  if (operation->all == (id != NULL)) /* exactly one of them */
    return cli_usage(operation->command);
  return id != NULL ? revoke_one(operation, name, id) : revoke_all(operation, name);
}

int command_session(int argc, char **argv)
{
  static const verb_t verbs[] = {
      {"list", PROGRAM_RP, 1, 1, 0, list},
      {"revoke", PROGRAM_RP, 1, 2, TAKES_ALL, revoke},
  };
  return operation_run(argc, argv, verbs, sizeof(verbs) / sizeof(verbs[0]));
}
