#include "cli/operation.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define USAGE_ERROR ((unsigned)-1)

enum {
  OPTION_CONFIG = 'c',
  OPTION_JSON = 256,
  OPTION_YES,
  OPTION_ALL,
  OPTION_DOMAIN,
  OPTION_DISPLAY_NAME,
  OPTION_SUBJECT,
  OPTION_LIMIT,
  OPTION_NAME,
  OPTION_REDIRECT_URI,
  OPTION_SCOPE,
  OPTION_METHOD,
  OPTION_JWKS,
  OPTION_METADATA,
  OPTION_CONFIDENTIAL,
  OPTION_OWN,
  OPTION_REFRESH_TOKENS,
  OPTION_POST_LOGOUT_URI,
  OPTION_DPOP_BOUND,
  OPTION_PUSHED,
  OPTION_THIRD_PARTY,
  OPTION_AT_ONCE,
  OPTION_SET,
  OPTION_CLEAR,
  OPTION_TRANSACTION
};

static const struct option options[] = {
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"json", no_argument, NULL, OPTION_JSON},
    {"yes", no_argument, NULL, OPTION_YES},
    {"all", no_argument, NULL, OPTION_ALL},
    {"domain", required_argument, NULL, OPTION_DOMAIN},
    {"display-name", required_argument, NULL, OPTION_DISPLAY_NAME},
    {"subject", required_argument, NULL, OPTION_SUBJECT},
    {"limit", required_argument, NULL, OPTION_LIMIT},
    {"name", required_argument, NULL, OPTION_NAME},
    {"redirect-uri", required_argument, NULL, OPTION_REDIRECT_URI},
    {"post-logout-redirect-uri", required_argument, NULL, OPTION_POST_LOGOUT_URI},
    {"scope", required_argument, NULL, OPTION_SCOPE},
    {"method", required_argument, NULL, OPTION_METHOD},
    {"jwks", required_argument, NULL, OPTION_JWKS},
    {"metadata", required_argument, NULL, OPTION_METADATA},
    {"confidential", no_argument, NULL, OPTION_CONFIDENTIAL},
    {"client-credentials", no_argument, NULL, OPTION_OWN},
    {"refresh-tokens", no_argument, NULL, OPTION_REFRESH_TOKENS},
    {"dpop-bound", no_argument, NULL, OPTION_DPOP_BOUND},
    {"pushed", no_argument, NULL, OPTION_PUSHED},
    {"third-party", no_argument, NULL, OPTION_THIRD_PARTY},
    {"at-once", no_argument, NULL, OPTION_AT_ONCE},
    {"set", required_argument, NULL, OPTION_SET},
    {"clear", required_argument, NULL, OPTION_CLEAR},
    {"transaction", required_argument, NULL, OPTION_TRANSACTION},
    {0}};

static unsigned keep_uri(uri_list_t *uris)
{
  if (uris->count <= CLIENT_URIS_MAX)
    uris->items[uris->count++] = optarg;
  return TAKES_CLIENT;
}

static unsigned keep_client_option(operation_client_t *client, int option)
{
  switch (option) {
  case OPTION_NAME:
    client->name = optarg;
    return TAKES_CLIENT;
  case OPTION_REDIRECT_URI:
    return keep_uri(&client->redirect_uris);
  case OPTION_POST_LOGOUT_URI:
    return keep_uri(&client->post_logout_redirect_uris);
  case OPTION_SCOPE:
    client->scope = optarg;
    return TAKES_CLIENT;
  case OPTION_METHOD:
    client->method = optarg;
    return TAKES_CLIENT;
  case OPTION_JWKS:
    client->jwks_file = optarg;
    return TAKES_CLIENT;
  case OPTION_METADATA:
    client->metadata_file = optarg;
    return TAKES_CLIENT;
  case OPTION_CONFIDENTIAL:
    client->confidential = true;
    return TAKES_CLIENT;
  case OPTION_OWN:
    client->own = true;
    return TAKES_CLIENT;
  case OPTION_REFRESH_TOKENS:
    client->refreshes = true;
    return TAKES_CLIENT;
  case OPTION_DPOP_BOUND:
    client->dpop_bound = true;
    return TAKES_CLIENT;
  case OPTION_PUSHED:
    client->push_required = true;
    return TAKES_CLIENT;
  case OPTION_THIRD_PARTY:
    client->third_party = true;
    return TAKES_CLIENT;
  case OPTION_AT_ONCE:
    client->at_once = true;
    return TAKES_AT_ONCE;
  default:
    return USAGE_ERROR;
  }
}

static unsigned keep_one(const char *items[CLAIM_CHANGES_MAX], size_t *count)
{
  if (*count == CLAIM_CHANGES_MAX)
    return USAGE_ERROR;
  items[(*count)++] = optarg;
  return TAKES_CLAIMS;
}

/* Keeps the option's value; returns the bit that a verb must take for it. */
static unsigned keep_option(operation_t *operation, int option, const char **ret_file)
{
  switch (option) {
  case OPTION_CONFIG:
    *ret_file = optarg;
    return 0;
  case OPTION_JSON:
    operation->json = true;
    return 0;
  case OPTION_YES:
    operation->yes = true;
    return TAKES_YES;
  case OPTION_ALL:
    operation->all = true;
    return TAKES_ALL;
  case OPTION_DOMAIN:
    operation->domain = optarg;
    return TAKES_DOMAIN;
  case OPTION_DISPLAY_NAME:
    operation->display_name = optarg;
    return TAKES_DISPLAY_NAME;
  case OPTION_SUBJECT:
    operation->subject = optarg;
    return TAKES_SUBJECT;
  case OPTION_LIMIT:
    operation->limit = optarg;
    return TAKES_LIMIT;
  case OPTION_TRANSACTION:
    operation->transaction = optarg;
    return TAKES_TRANSACTION;
  case OPTION_SET:
    return keep_one(operation->set, &operation->set_count);
  case OPTION_CLEAR:
    return keep_one(operation->clear, &operation->clear_count);
  default:
    return keep_client_option(&operation->client, option);
  }
}

/* Ids of sessions and passkeys are base64url of 16 bytes or more, and one in 64 begins with a hyphen. No
 * option is that long without an equals sign, a slash or a dot. */
#define ID_LENGTH_MIN 22
static bool is_id(const char *text)
{
  static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return text[0] == '-' && strlen(text) >= ID_LENGTH_MIN && text[strspn(text, characters)] == '\0';
}

/* Ids lose their hyphens in front while getopt looks, so that it takes them for what they are. */
static const char *hidden(const char *text)
{
  return is_id(text) ? text + strspn(text, "-") : text;
}

static void show_hyphens(char **arguments, size_t count, char *const *whole, int whole_count)
{
  for (size_t i = 0; i < count; i++)
    for (int j = 0; j < whole_count; j++)
      if (arguments[i] == hidden(whole[j]))
        arguments[i] = whole[j];
}

#define ARGUMENTS_MAX 32

/* NULL after wrong usage. */
static const verb_t *parse(operation_t *operation, int argc, char **argv, const verb_t *verbs, size_t count,
                           const char **ret_file)
{
  char *whole[ARGUMENTS_MAX];
  unsigned used = 0;
  opterr = 0;
  if (argc > ARGUMENTS_MAX)
    return NULL;
  for (int i = 0; i < argc; i++) {
    whole[i] = argv[i];
    argv[i] += hidden(argv[i]) - argv[i];
  }
  for (int option; (option = getopt_long(argc, argv, "c:", options, NULL)) != -1;)
    used |= keep_option(operation, option, ret_file);
  const verb_t *verb = verbs[0].name == NULL ? verbs : NULL;
  for (size_t i = 0; i < count && verb == NULL && optind < argc; i++)
    if (strcmp(verbs[i].name, argv[optind]) == 0)
      verb = &verbs[i];
  if (verb == NULL)
    return NULL;
  optind += verb->name != NULL ? 1 : 0;
  operation->arguments = argv + optind;
  operation->argument_count = (size_t)(argc - optind);
  show_hyphens(operation->arguments, operation->argument_count, whole, argc);
  bool fits = (used & ~verb->takes) == 0 && operation->argument_count >= verb->least &&
              operation->argument_count <= verb->most;
  return fits ? verb : NULL;
}

/* The names in the order of the file, for a refusal. */
static int refuse_domain(const operation_t *operation, arena_t *arena)
{
  const config_t *config = operation->config;
  char *names = arena_format(arena, "%s", "");
  for (size_t i = 0; i < config->domain_count && names != NULL; i++)
    names = arena_format(arena, "%s%s%s", names, i > 0 ? ", " : "", config->domains[i].id.text);
  return cli_fail(EXIT_REFUSED, "there is no domain %s; the configuration has %s", operation->domain,
                  names != NULL ? names : "others");
}

static int run_verb(operation_t *operation, const verb_t *verb)
{
  const char *program = operation->domain != NULL ? PROGRAM_AUTHORITY : verb->program;
  if (operation->domain != NULL &&
      config_find_domain(operation->config, bytes_of_string(operation->domain)) == NULL)
    return refuse_domain(operation, operation->config->arena);
  int code = admin_open(operation->config, program, &operation->admin);
  if (code != EXIT_DONE)
    return code;
  code = verb->run(operation);
  admin_close(&operation->admin);
  return code;
}

int operation_run(int argc, char **argv, const verb_t *verbs, size_t count)
{
  operation_t operation = {.command = argv[0]};
  const char *file = NULL;
  const verb_t *verb = parse(&operation, argc, argv, verbs, count, &file);
  if (verb == NULL)
    return cli_usage(argv[0]);
  json_seed();
  operation.config = cli_load_config(file);
  if (operation.config == NULL)
    return EXIT_REFUSED;
  int code = run_verb(&operation, verb);
  config_free(operation.config);
  if (code == EXIT_DONE && fflush(stdout) != 0)
    code = cli_fail(EXIT_REFUSED, "the output cannot be written");
  return code;
}

/* --- calls --- */

static char *percent_encode(arena_t *arena, const char *text)
{
  static const char digits[] = "0123456789ABCDEF";
  builder_t builder = arena_builder(arena, 3 * strlen(text) + 1);
  for (const uint8_t *at = (const uint8_t *)text; *at != '\0'; at++) {
    bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                 *at == '-' || *at == '_';
    if (plain) {
      builder_add_u8(&builder, *at);
      continue;
    }
    builder_add_u8(&builder, '%');
    builder_add_u8(&builder, (uint8_t)digits[*at >> 4]);
    builder_add_u8(&builder, (uint8_t)digits[*at & 15]);
  }
  builder_add_u8(&builder, '\0');
  return builder.failed ? NULL : (char *)builder.data;
}

char *operation_path(operation_t *operation, const char *pattern, const char *first, const char *second)
{
  const char *values[] = {first, second};
  arena_t *arena = operation->admin.arena;
  char *path = arena_format(arena, "%s", "");
  size_t next = 0;
  while (path != NULL && *pattern != '\0') {
    const char *place = next < sizeof values / sizeof *values ? strstr(pattern, "%s") : NULL;
    int len = place != NULL ? (int)(place - pattern) : (int)strlen(pattern);
    const char *value = place != NULL ? percent_encode(arena, values[next++]) : "";
    path = value != NULL ? arena_format(arena, "%s%.*s%s", path, len, pattern, value) : NULL;
    pattern += len + (place != NULL ? 2 : 0);
  }
  return path;
}

int operation_call(operation_t *operation, const char *about, const char *method, const char *path,
                   const json_t *body, json_t **ret_answer)
{
  if (path == NULL)
    return cli_fail(EXIT_REFUSED, "out of memory");
  return admin_call(&operation->admin, about, method, path, body, ret_answer);
}

int operation_change(operation_t *operation, const char *about, const char *method, const char *path)
{
  CLEANUP(json_drop) json_t *answer = NULL;
  return operation_call(operation, about, method, path, NULL, &answer);
}

/* --- printing --- */

int operation_print_json(const json_t *answer)
{
  if (json_dumpf(answer, stdout, JSON_INDENT(2)) != 0 || putchar('\n') == EOF)
    return cli_fail(EXIT_REFUSED, "the output cannot be written");
  return EXIT_DONE;
}

int operation_print_list(operation_t *operation, const json_t *answer, const json_t *rows,
                         const column_t *columns, size_t count)
{
  if (operation->json)
    return operation_print_json(answer);
  return table_print(operation->admin.arena, rows, columns, count) ? EXIT_DONE
                                                                   : cli_fail(EXIT_REFUSED, "out of memory");
}

int operation_print_record(operation_t *operation, const json_t *answer, const column_t *columns,
                           size_t count)
{
  if (operation->json)
    return operation_print_json(answer);
  return record_print(operation->admin.arena, answer, columns, count)
             ? EXIT_DONE
             : cli_fail(EXIT_REFUSED, "out of memory");
}
