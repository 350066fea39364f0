/* `sekisho invite` and `sekisho recovery`: links that work once. The link stands alone on the first line. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/operation.h"

static int print_link(operation_t *operation, const json_t *answer)
{
  bytes_t url = BYTES_NONE;
  int64_t expires_s = 0;
  if (operation->json)
    return operation_print_json(answer);
  if (json_require_text(answer, "url", &url) != ERR_NONE ||
      json_require_integer(answer, "expires_at", &expires_s) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "the server's answer cannot be read");
  char *until = text_format_time(operation->admin.arena, expires_s * 1000);
  printf("%.*s\nfor %s, once, until %s\n", (int)url.len, (const char *)url.data, operation->arguments[0],
         until != NULL ? until : "?");
  return EXIT_DONE;
}

static int make_link(operation_t *operation, const char *pattern)
{
  const char *name = operation->arguments[0];
  CLEANUP(json_drop) json_t *answer = NULL;
  int code =
      operation_call(operation, name, "POST", operation_path(operation, pattern, name, NULL), NULL, &answer);
  return code == EXIT_DONE ? print_link(operation, answer) : code;
}

static int invite(operation_t *operation)
{
  return make_link(operation, "/users/%s/invite");
}

static int recovery(operation_t *operation)
{
  return make_link(operation, "/users/%s/recovery");
}

int command_invite(int argc, char **argv)
{
  static const verb_t verb = {NULL, PROGRAM_RP, 1, 1, 0, invite};
  return operation_run(argc, argv, &verb, 1);
}

int command_recovery(int argc, char **argv)
{
  static const verb_t verb = {NULL, PROGRAM_RP, 1, 1, 0, recovery};
  return operation_run(argc, argv, &verb, 1);
}
