/* `sekisho metadata`: what is known of authenticator models, and getting it anew. */
#include <stdio.h>
#include <string.h>

#include "cli/metadata_check.h"
#include "cli/operation.h"

static const column_t overview[] = {
    {"STATE", "state", COLUMN_PLAIN},           {"NUMBER", "number", COLUMN_PLAIN},
    {"GOOD UNTIL", "next_update", COLUMN_TIME}, {"RECEIVED", "received_at", COLUMN_TIME},
    {"TRIED", "tried_at", COLUMN_TIME},         {"REVOCATION CHECKED", "revocation_checked", COLUMN_PLAIN},
    {"MODELS", "models", COLUMN_PLAIN},         {"UNREADABLE", "unusable", COLUMN_PLAIN},
    {"STATEMENTS", "statements", COLUMN_PLAIN}, {"PROBLEM", "problem", COLUMN_PLAIN},
};

static const column_t model[] = {
    {"AAGUID", "aaguid", COLUMN_PLAIN},     {"KEY IDENTIFIER", "key_identifier", COLUMN_PLAIN},
    {"NAME", "name", COLUMN_PLAIN},         {"CERTIFICATION", "certification", COLUMN_PLAIN},
    {"HARDWARE", "hardware", COLUMN_PLAIN}, {"PROBLEM", "problem", COLUMN_PLAIN},
    {"ROOTS", "roots", COLUMN_PLAIN},       {"ICON", "icon", COLUMN_PLAIN},
};

static const column_t reports[] = {
    {"STATUS", "status", COLUMN_PLAIN},
    {"SINCE", "effective", COLUMN_TIME},
    {"OF A BATCH", "batch", COLUMN_PLAIN},
};

#define COLUMNS(table) table, sizeof(table) / sizeof(table[0])

static int show_model(operation_t *operation, const char *name)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  json_t *list = NULL;
  int code = operation_call(operation, name, "GET",
                            operation_path(operation, "/metadata/models/%s", name, NULL), NULL, &answer);
  if (code == EXIT_DONE)
    code = operation_print_record(operation, answer, COLUMNS(model));
  if (code != EXIT_DONE || operation->json)
    return code;
  if (json_get_array(answer, "reports", &list) != ERR_NONE || json_array_size(list) == 0)
    return EXIT_DONE;
  printf("\n");
  return operation_print_list(operation, answer, list, COLUMNS(reports));
}

static int show_models(operation_t *operation)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  int code = operation_call(operation, NULL, "GET", "/metadata/models", NULL, &answer);
  return code == EXIT_DONE ? operation_print_list(operation, answer, answer, model, 6) : code;
}

static int show(operation_t *operation)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  if (operation->argument_count > 0)
    return show_model(operation, operation->arguments[0]);
  if (operation->all)
    return show_models(operation);
  int code = operation_call(operation, NULL, "GET", "/metadata", NULL, &answer);
  return code == EXIT_DONE ? operation_print_record(operation, answer, COLUMNS(overview)) : code;
}

static int update(operation_t *operation)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  int code =
      operation_call(operation, "the metadata was not updated", "POST", "/metadata/update", NULL, &answer);
  return code == EXIT_DONE ? operation_print_record(operation, answer, COLUMNS(overview)) : code;
}

int command_metadata(int argc, char **argv)
{
  static const verb_t verbs[] = {
      {"show", PROGRAM_RP, 0, 1, TAKES_ALL, show},
      {"update", PROGRAM_RP, 0, 0, 0, update},
  };
  if (argc > 1 && strcmp(argv[1], "check") == 0)
    return metadata_check(argc - 1, argv + 1);
  return operation_run(argc, argv, verbs, sizeof(verbs) / sizeof(verbs[0]));
}
