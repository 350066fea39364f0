/* What the operators' commands have in common: a table of verbs, their options, the call to the process that
 * owns the data, and the printing of its answer. */
#ifndef SEKISHO_CLI_OPERATION_H
#define SEKISHO_CLI_OPERATION_H

#include "cli/admin.h"
#include "cli/table.h"

#define CLIENT_URIS_MAX 32

typedef struct uri_list {
  const char *items[CLIENT_URIS_MAX + 1]; /* one more shows that there are too many */
  size_t count;
} uri_list_t;

/* What `client` alone takes. */
typedef struct operation_client {
  const char *name, *scope, *method, *jwks_file, *metadata_file;
  uri_list_t redirect_uris, post_logout_redirect_uris;
  bool confidential, own, refreshes, dpop_bound, push_required, third_party, at_once;
} operation_client_t;

#define CLAIM_CHANGES_MAX 64

typedef struct operation {
  const char *command;
  char **arguments; /* behind the verb; NULL ends them */
  size_t argument_count;
  bool json, yes, all;
  const char *domain, *display_name, *subject, *limit, *transaction;
  operation_client_t client;
  const char *set[CLAIM_CHANGES_MAX], *clear[CLAIM_CHANGES_MAX]; /* --set NAME=VALUE, --clear NAME */
  size_t set_count, clear_count;
  config_t *config;
  admin_t admin;
} operation_t;

/* Options that a verb takes beside -c FILE and --json. */
#define TAKES_YES 1u
#define TAKES_ALL 2u
#define TAKES_DOMAIN 4u
#define TAKES_DISPLAY_NAME 8u
#define TAKES_SUBJECT 16u
#define TAKES_LIMIT 32u
#define TAKES_CLIENT 64u /* what describes a client */
#define TAKES_AT_ONCE 128u
#define TAKES_CLAIMS 256u
#define TAKES_TRANSACTION 512u

typedef struct verb {
  const char *name;    /* NULL: the command has no verbs, and this is its only row */
  const char *program; /* whose data it is; with --domain it is always the authority's */
  size_t least, most;  /* arguments behind the verb */
  unsigned takes;
  int (*run)(operation_t *operation); /* returns the exit code */
} verb_t;

/* Parses, loads the configuration, opens the process, runs the verb. argv[0] is the command's name. */
int operation_run(int argc, char **argv, const verb_t *verbs, size_t count);

/* A path of the admin routes: each %s is replaced by the next argument, percent-encoded. NULL when out of
 * memory, which operation_call takes. */
char *operation_path(operation_t *operation, const char *pattern, const char *first, const char *second);
/* As admin_call; a refusal's line names about (may be NULL), what the call was about. */
int operation_call(operation_t *operation, const char *about, const char *method, const char *path,
                   const json_t *body, json_t **ret_answer);
/* The same for a change whose answer tells nothing. */
int operation_change(operation_t *operation, const char *about, const char *method, const char *path);

/* The answer as it is with --json, else rows (of it) as a table. EXIT_DONE or EXIT_REFUSED. */
int operation_print_list(operation_t *operation, const json_t *answer, const json_t *rows,
                         const column_t *columns, size_t count);
int operation_print_record(operation_t *operation, const json_t *answer, const column_t *columns,
                           size_t count);
/* The whole answer on stdout. */
int operation_print_json(const json_t *answer);

#endif
