/* `sekisho user`: accounts. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/operation.h"
#include "handoff/account_claims.h"

static const column_t columns[] = {
    {"USERNAME", "username", COLUMN_PLAIN},    {"NAME", "display_name", COLUMN_PLAIN},
    {"PASSKEYS", "credentials", COLUMN_PLAIN}, {"DISABLED", "disabled", COLUMN_PLAIN},
    {"CREATED", "created_at", COLUMN_TIME},    {"LAST USED", "last_used_at", COLUMN_TIME},
};
static const column_t details[] = {
    {"username", "username", COLUMN_PLAIN},       {"name", "display_name", COLUMN_PLAIN},
    {"user handle", "user_handle", COLUMN_PLAIN}, {"passkeys", "credentials", COLUMN_PLAIN},
    {"disabled", "disabled", COLUMN_PLAIN},       {"created", "created_at", COLUMN_TIME},
    {"last used", "last_used_at", COLUMN_TIME},
};
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* Puts the next page behind all; *ret_more is false when it was empty. */
static int fetch_page(operation_t *operation, json_t *all, bool *ret_more)
{
  CLEANUP(json_drop) json_t *page = NULL;
  const char *last =
      json_string_value(json_object_get(json_array_get(all, json_array_size(all) - 1), "username"));
  const char *path = last != NULL ? operation_path(operation, "/users?after=%s", last, NULL) : "/users";
  int code = operation_call(operation, NULL, "GET", path, NULL, &page);
  if (code != EXIT_DONE)
    return code;
  *ret_more = json_array_size(page) > 0;
  return json_array_extend(all, page) == 0 ? EXIT_DONE : cli_fail(EXIT_REFUSED, "the answer cannot be read");
}

static int list(operation_t *operation)
{
  CLEANUP(json_drop) json_t *all = json_array();
  int code = EXIT_DONE;
  for (bool more = true; more && code == EXIT_DONE;)
    code = fetch_page(operation, all, &more);
  return code == EXIT_DONE ? operation_print_list(operation, all, all, columns, COUNT(columns)) : code;
}

static int show(operation_t *operation)
{
  const char *name = operation->arguments[0];
  CLEANUP(json_drop) json_t *answer = NULL;
  int code = operation_call(operation, name, "GET", operation_path(operation, "/users/%s", name, NULL), NULL,
                            &answer);
  return code == EXIT_DONE ? operation_print_record(operation, answer, details, COUNT(details)) : code;
}

static int add(operation_t *operation)
{
  const char *name = operation->arguments[0];
  CLEANUP(json_drop) json_t *body = json_object();
  CLEANUP(json_drop) json_t *answer = NULL;
  if (!json_set_string(body, "username", name) ||
      !json_set_string(body, "display_name", operation->display_name))
    return cli_fail(EXIT_REFUSED, "%s: a name is valid UTF-8", name);
  int code = operation_call(operation, name, "POST", "/users", body, &answer);
  if (code != EXIT_DONE)
    return code;
  if (operation->json)
    return operation_print_json(answer);
  printf("%s is added. sekisho invite %s makes the link to enrol a passkey.\n", name, name);
  return EXIT_DONE;
}

static int change(operation_t *operation, const char *method, const char *pattern, const char *done)
{
  const char *name = operation->arguments[0];
  int code = operation_change(operation, name, method, operation_path(operation, pattern, name, NULL));
  if (code == EXIT_DONE)
    printf("%s %s\n", name, done);
  return code;
}

static int disable(operation_t *operation)
{
  return change(operation, "POST", "/users/%s/disable", "is disabled; the sessions have ended.");
}

static int enable(operation_t *operation)
{
  return change(operation, "POST", "/users/%s/enable", "is enabled.");
}

/* Only somebody at a terminal is asked: scripts never wait. */
static bool is_meant(const operation_t *operation)
{
  char answer[16] = "";
  if (operation->yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
    return true;
  fprintf(stderr, "Delete %s with all passkeys and sessions? This cannot be undone. [y/N] ",
          operation->arguments[0]);
  return fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

static int delete_user(operation_t *operation)
{
  if (!is_meant(operation))
    return cli_fail(EXIT_REFUSED, "nothing was deleted");
  return change(operation, "DELETE", "/users/%s", "is deleted, with all passkeys and sessions.");
}

/* --- claims --- */

/* The names that can be set, for a refusal. */
static int refuse_claim(operation_t *operation, const char *name)
{
  char *names = arena_format(operation->admin.arena, "%s", "");
  for (size_t i = 0; i < account_claim_count && names != NULL; i++)
    if (account_claims[i].kind != ACCOUNT_CLAIM_TIME)
      names = arena_format(operation->admin.arena, "%s%s%s", names, names[0] != '\0' ? ", " : "",
                           account_claims[i].name);
  return cli_fail(EXIT_REFUSED, "there is no claim %s to set; there are %s", name,
                  names != NULL ? names : "others");
}

static const char *form_of(account_claim_kind_t kind)
{
  static const char *const forms[] = {
      [ACCOUNT_CLAIM_TEXT] = "1 to 256 bytes of visible characters",
      [ACCOUNT_CLAIM_LINK] = "an https or http address",
      [ACCOUNT_CLAIM_EMAIL] = "an address with one @",
      [ACCOUNT_CLAIM_PHONE] = "a number that begins with + and the country",
      [ACCOUNT_CLAIM_DATE] = "YYYY-MM-DD, 0000-MM-DD or YYYY",
      [ACCOUNT_CLAIM_BOOLEAN] = "true or false",
  };
  return forms[kind];
}

static const account_claim_t *settable(bytes_t name)
{
  const account_claim_t *claim = account_claim_find(name);
  return claim != NULL && claim->kind != ACCOUNT_CLAIM_TIME ? claim : NULL;
}

static int add_set(operation_t *operation, json_t *set, const char *assignment)
{
  const char *equals = strchr(assignment, '=');
  if (equals == NULL)
    return cli_fail(EXIT_REFUSED, "%s: write --set NAME=VALUE", assignment);
  const account_claim_t *claim = settable(bytes_of(assignment, (size_t)(equals - assignment)));
  if (claim == NULL)
    return refuse_claim(
        operation, arena_string(operation->admin.arena, bytes_of(assignment, (size_t)(equals - assignment))));
  if (!account_claim_accepts(claim, bytes_of_string(equals + 1)))
    return cli_fail(EXIT_REFUSED, "%s takes %s", claim->name, form_of(claim->kind));
  return json_set_string(set, claim->name, equals + 1) ? EXIT_DONE : cli_fail(EXIT_REFUSED, "out of memory");
}

static int build_change(operation_t *operation, json_t *body)
{
  json_t *set = json_object(), *clear = json_array();
  if (json_object_set_new(body, "set", set) != 0 || json_object_set_new(body, "clear", clear) != 0)
    return cli_fail(EXIT_REFUSED, "out of memory");
  int code = EXIT_DONE;
  for (size_t i = 0; i < operation->set_count && code == EXIT_DONE; i++)
    code = add_set(operation, set, operation->set[i]);
  for (size_t i = 0; i < operation->clear_count && code == EXIT_DONE; i++) {
    if (settable(bytes_of_string(operation->clear[i])) == NULL)
      code = refuse_claim(operation, operation->clear[i]);
    else
      json_array_append_new(clear, json_string(operation->clear[i]));
  }
  return code;
}

static int show_claims(operation_t *operation, const char *name)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  int code = operation_call(operation, name, "GET", operation_path(operation, "/users/%s/claims", name, NULL),
                            NULL, &answer);
  if (code != EXIT_DONE || operation->json)
    return code == EXIT_DONE ? operation_print_json(answer) : code;
  column_t shown[64];
  size_t count = 0;
  const json_t *claims = json_object_get(answer, "claims");
  for (size_t i = 0; i < account_claim_count && i < COUNT(shown); i++)
    if (json_object_get(claims, account_claims[i].name) != NULL)
      shown[count++] = (column_t){account_claims[i].name, account_claims[i].name, COLUMN_PLAIN};
  return operation_print_record(operation, claims, shown, count);
}

/* What it says is shown again after a change, so that nobody has to ask. */
static int claims(operation_t *operation)
{
  const char *name = operation->arguments[0];
  if (operation->set_count + operation->clear_count > 0) {
    CLEANUP(json_drop) json_t *body = json_object();
    CLEANUP(json_drop) json_t *answer = NULL;
    int code = build_change(operation, body);
    if (code == EXIT_DONE)
      code = operation_call(operation, name, "PATCH",
                            operation_path(operation, "/users/%s/claims", name, NULL), body, &answer);
    if (code != EXIT_DONE)
      return code;
  }
  return show_claims(operation, name);
}

int command_user(int argc, char **argv)
{
  static const verb_t verbs[] = {
      {"add", PROGRAM_RP, 1, 1, TAKES_DISPLAY_NAME, add},
      {"list", PROGRAM_RP, 0, 0, 0, list},
      {"show", PROGRAM_RP, 1, 1, 0, show},
      {"disable", PROGRAM_RP, 1, 1, 0, disable},
      {"enable", PROGRAM_RP, 1, 1, 0, enable},
      {"delete", PROGRAM_RP, 1, 1, TAKES_YES, delete_user},
      {"claims", PROGRAM_RP, 1, 1, TAKES_CLAIMS, claims},
  };
  return operation_run(argc, argv, verbs, COUNT(verbs));
}
