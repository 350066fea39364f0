/* `sekisho key`: the signing keys of a domain. */
#include <stdio.h>
#include <string.h>

#include "cli/operation.h"

static const column_t columns[] = {
    {"KID", "kid", COLUMN_PLAIN},
    {"ALG", "alg", COLUMN_PLAIN},
    {"STATE", "state", COLUMN_PLAIN},
    {"CREATED", "created", COLUMN_PLAIN},
    {"SIGNS SINCE", "activated", COLUMN_PLAIN},
    {"PUBLISHED UNTIL", "published_until", COLUMN_PLAIN},
};

static int call(operation_t *operation, const char *method, const char *pattern, json_t **ret_answer,
                json_t **ret_keys)
{
  const char *domain = operation->arguments[0];
  json_t *keys = NULL;
  int code = operation_call(operation, domain, method, operation_path(operation, pattern, domain, NULL), NULL,
                            ret_answer);
  if (code == EXIT_DONE && (json_get_array(*ret_answer, "keys", &keys) != ERR_NONE || keys == NULL))
    code = cli_fail(EXIT_REFUSED, "the server's answer cannot be read");
  *ret_keys = keys;
  return code;
}

static int list(operation_t *operation)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  json_t *keys;
  int code = call(operation, "GET", "/admin/keys/%s", &answer, &keys);
  return code == EXIT_DONE
             ? operation_print_list(operation, answer, keys, columns, sizeof(columns) / sizeof(columns[0]))
             : code;
}

static const json_t *key_in_state(const json_t *keys, const char *wanted)
{
  for (size_t i = 0; i < json_array_size(keys); i++) {
    const json_t *key = json_array_get(keys, i);
    const char *state = json_string_value(json_object_get(key, "state"));
    if (state != NULL && strcmp(state, wanted) == 0)
      return key;
  }
  return NULL;
}

/* The kid stands alone on the first line. */
static int rotate(operation_t *operation)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  json_t *keys;
  int code = call(operation, "POST", "/admin/keys/%s/rotate", &answer, &keys);
  if (code != EXIT_DONE)
    return code;
  if (operation->json)
    return operation_print_json(answer);
  const char *kid = json_string_value(json_object_get(key_in_state(keys, "current"), "kid"));
  const char *until = json_string_value(json_object_get(key_in_state(keys, "previous"), "published_until"));
  printf("%s\nsigns for %s from now on; the key before it stays published until %s\n",
         kid != NULL ? kid : "?", operation->arguments[0],
         until != NULL ? until : "its last token has ended");
  return EXIT_DONE;
}

int command_key(int argc, char **argv)
{
  static const verb_t verbs[] = {
      {"list", PROGRAM_AUTHORITY, 1, 1, 0, list},
      {"rotate", PROGRAM_AUTHORITY, 1, 1, 0, rotate},
  };
  return operation_run(argc, argv, verbs, sizeof(verbs) / sizeof(verbs[0]));
}
