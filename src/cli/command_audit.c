/* `sekisho audit`: the audit log of the login server, or of a domain. */
#include <stdio.h>

#include "cli/audit_transaction.h"

static const column_t columns[] = {
    {"SEQ", "seq", COLUMN_PLAIN},         {"TIME", "time", COLUMN_PLAIN},
    {"EVENT", "event", COLUMN_PLAIN},     {"ACTOR", "actor", COLUMN_PLAIN},
    {"SUBJECT", "subject", COLUMN_PLAIN}, {"DETAIL", "detail", COLUMN_PLAIN},
};

static char *path_of(operation_t *operation, const char *rest)
{
  if (operation->domain == NULL)
    return arena_format(operation->admin.arena, "/audit%s", rest);
  const char *base = operation_path(operation, "/admin/audit/%s", operation->domain, NULL);
  return base != NULL ? arena_format(operation->admin.arena, "%s%s", base, rest) : NULL;
}

static int show(operation_t *operation)
{
  if (operation->transaction != NULL)
    return audit_transaction_show(operation);
  CLEANUP(json_drop) json_t *answer = NULL;
  json_t *events = NULL;
  const char *limit = operation->limit != NULL ? operation->limit : "100";
  const char *query = operation_path(operation, "?limit=%s&subject=%s", limit,
                                     operation->subject != NULL ? operation->subject : "");
  int code = operation_call(operation, operation->domain, "GET",
                            query != NULL ? path_of(operation, query) : NULL, NULL, &answer);
  if (code != EXIT_DONE)
    return code;
  if (json_get_array(answer, "events", &events) != ERR_NONE || events == NULL)
    return cli_fail(EXIT_REFUSED, "the server's answer cannot be read");
  return operation_print_list(operation, answer, events, columns, sizeof(columns) / sizeof(columns[0]));
}

static int print_report(const operation_t *operation, const json_t *answer)
{
  const char *domain = operation->domain != NULL ? operation->domain : "the login server";
  bytes_t hash = BYTES_NONE;
  int64_t broken = 0, last = 0;
  if (json_require_integer(answer, "broken_seq", &broken) != ERR_NONE ||
      json_require_integer(answer, "last_seq", &last) != ERR_NONE ||
      json_require_text(answer, "last_hash", &hash) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "the server's answer cannot be read");
  if (operation->json && operation_print_json(answer) != EXIT_DONE)
    return EXIT_REFUSED;
  if (broken != 0)
    return cli_fail(
        EXIT_REFUSED,
        "the audit log of %s was changed: event %lld is not as it was written, or one before it is "
        "gone; compare with a backup",
        domain, (long long)broken);
  if (!operation->json)
    printf("%.*s\nis the hash of event %lld, the last of %s; all before it are as they were written\n",
           (int)hash.len, (const char *)hash.data, (long long)last, domain);
  return EXIT_DONE;
}

static int verify(operation_t *operation)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  int code =
      operation_call(operation, operation->domain, "GET", path_of(operation, "/verify"), NULL, &answer);
  return code == EXIT_DONE ? print_report(operation, answer) : code;
}

int command_audit(int argc, char **argv)
{
  static const verb_t verbs[] = {
      {"show", PROGRAM_RP, 0, 0, TAKES_DOMAIN | TAKES_SUBJECT | TAKES_LIMIT | TAKES_TRANSACTION, show},
      {"verify", PROGRAM_RP, 0, 0, TAKES_DOMAIN, verify},
  };
  return operation_run(argc, argv, verbs, sizeof(verbs) / sizeof(verbs[0]));
}
