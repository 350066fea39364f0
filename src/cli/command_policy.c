/* `sekisho policy explain`: what a domain would decide about given evidence, and why, in words. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/evidence_file.h"

#define SCOPES_MAX 32
#define EVIDENCE_FILE_MAX (64 * 1024)

typedef struct arguments {
  const char *config, *domain, *route, *acr, *max_age, *evidence, *now;
  const char *scopes[SCOPES_MAX];
  size_t scope_count;
  bool json;
} arguments_t;

/* One rule that takes part, for the listing. */
typedef struct source {
  const char *kind, *name;
  requirement_t requirement;
} source_t;

typedef struct question {
  const config_domain_t *domain;
  policy_context_t context;
  source_t sources[2 * SCOPES_MAX + 4];
  size_t source_count;
  requirement_t requirement; /* of all sources */
  evidence_set_t evidence;
} question_t;

static bool take_option(arguments_t *arguments, int option, const char *value)
{
  switch (option) {
  case 'c':
    arguments->config = value;
    return true;
  case 'd':
    arguments->domain = value;
    return true;
  case 'r':
    arguments->route = value;
    return true;
  case 'a':
    arguments->acr = value;
    return true;
  case 'm':
    arguments->max_age = value;
    return true;
  case 'e':
    arguments->evidence = value;
    return true;
  case 'n':
    arguments->now = value;
    return true;
  case 'j':
    arguments->json = true;
    return true;
  case 's':
    if (arguments->scope_count < SCOPES_MAX)
      arguments->scopes[arguments->scope_count++] = value;
    return arguments->scope_count < SCOPES_MAX;
  default:
    return false;
  }
}

static bool parse_arguments(int argc, char **argv, arguments_t *ret_arguments)
{
  static const struct option options[] = {
      {"config", required_argument, NULL, 'c'},   {"domain", required_argument, NULL, 'd'},
      {"scope", required_argument, NULL, 's'},    {"route", required_argument, NULL, 'r'},
      {"acr", required_argument, NULL, 'a'},      {"max-age", required_argument, NULL, 'm'},
      {"evidence", required_argument, NULL, 'e'}, {"now", required_argument, NULL, 'n'},
      {"json", no_argument, NULL, 'j'},           {0}};
  arguments_t arguments = {0};
  for (int option; (option = getopt_long(argc, argv, "c:", options, NULL)) != -1;)
    if (!take_option(&arguments, option, optarg))
      return false;
  *ret_arguments = arguments;
  return optind == argc && arguments.config != NULL && arguments.domain != NULL && arguments.evidence != NULL;
}

static void add_source(question_t *question, const char *kind, const char *name, requirement_t requirement)
{
  question->sources[question->source_count++] = (source_t){kind, name, requirement};
  question->requirement = requirement_join(question->requirement, requirement);
}

static int add_scope(question_t *question, const char *name)
{
  const config_scope_t *scope = config_find_scope(question->domain, bytes_of_string(name));
  if (scope == NULL)
    return cli_fail(EXIT_USAGE, "domain %s has no scope %s", question->domain->id.text, name);
  add_source(question, "scope", name, scope->requirement);
  return EXIT_DONE;
}

static const config_route_t *find_route(const config_domain_t *domain, const char *match)
{
  for (size_t i = 0; i < domain->route_count; i++) {
    const config_route_t *route = &domain->routes[i];
    size_t method = strlen(route->method);
    if (strncmp(match, route->method, method) == 0 && match[method] == ' ' &&
        strcmp(match + method + 1, route->pattern) == 0)
      return route;
  }
  return NULL;
}

/* A route asks by itself and by its scopes, as the gateway check judges it. */
static int add_route(question_t *question, const char *match)
{
  const config_route_t *route = find_route(question->domain, match);
  int code = EXIT_DONE;
  if (route == NULL)
    return cli_fail(EXIT_USAGE, "domain %s has no route %s; give its match as it stands in the configuration",
                    question->domain->id.text, match);
  add_source(question, route->public_route ? "public route" : "route", match, route->requirement);
  for (size_t i = 0; code == EXIT_DONE && i < route->scopes.count && i < SCOPES_MAX; i++)
    code = add_scope(question, route->scopes.items[i]);
  return code;
}

static int add_request(question_t *question, const arguments_t *arguments)
{
  requirement_t requirement = REQUIREMENT_NONE;
  if (arguments->acr != NULL) {
    requirement.level = level_find(question->context.levels, bytes_of_string(arguments->acr));
    if (requirement.level < 0)
      return cli_fail(EXIT_USAGE, "no level is called %s", arguments->acr);
  }
  if (arguments->max_age != NULL) {
    bytes_t text = bytes_of_string(arguments->max_age);
    if (text_parse_duration(text, &requirement.max_age_ms) != ERR_NONE &&
        evidence_file_parse_time(text, &requirement.max_age_ms) != ERR_NONE) /* max_age in seconds */
      return cli_fail(EXIT_USAGE, "--max-age takes 90s, 5m, 12h, 30d, or seconds as in a request");
    if (requirement.max_age_ms == 0)
      requirement = (requirement_t){requirement.level, MAX_AGE_NONE, EVIDENCE_ANY, true};
  }
  if (!requirement_is_none(requirement))
    add_source(question, "request", "", requirement);
  return EXIT_DONE;
}

static int read_evidence(question_t *question, const char *path)
{
  static char text[EVIDENCE_FILE_MAX + 1];
  error_detail_t detail = {{0}};
  CLEANUP(json_drop) json_t *array = NULL;
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return cli_fail(EXIT_REFUSED, "%s: %s", path, strerror(errno));
  size_t len = fread(text, 1, sizeof text, file);
  fclose(file);
  if (len > EVIDENCE_FILE_MAX)
    return cli_fail(EXIT_REFUSED, "%s: larger than 64 KiB", path);
  if (json_parse(bytes_of(text, len), &array) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "%s: not JSON; sekisho help policy shows the shape", path);
  if (evidence_file_parse(array, question->context.now_ms, &question->evidence, &detail) != ERR_NONE)
    return cli_fail(EXIT_REFUSED, "%s: %s", path, detail.text);
  return EXIT_DONE;
}

/* What the arguments ask, of which domain, about which evidence. */
static int build_question(const config_t *config, const arguments_t *arguments, question_t *question)
{
  question->domain = config_find_domain(config, bytes_of_string(arguments->domain));
  if (question->domain == NULL)
    return cli_fail(EXIT_USAGE, "there is no domain %s", arguments->domain);
  question->context = (policy_context_t){.levels = &config->levels,
                                         .domain = question->domain->id,
                                         .authenticators = &question->domain->authenticators,
                                         .now_ms = clock_now_ms()};
  memcpy(question->context.request, evidence_file_request, sizeof question->context.request);
  if (arguments->now != NULL &&
      evidence_file_parse_time(bytes_of_string(arguments->now), &question->context.now_ms) != ERR_NONE)
    return cli_fail(EXIT_USAGE, "--now takes RFC 3339 (2026-01-31T12:00:00Z) or seconds since 1970");
  question->requirement = REQUIREMENT_NONE;
  if (arguments->route == NULL || arguments->scope_count > 0)
    add_source(question, "entry", question->domain->id.text, question->domain->entry);
  int code = EXIT_DONE;
  for (size_t i = 0; code == EXIT_DONE && i < arguments->scope_count; i++)
    code = add_scope(question, arguments->scopes[i]);
  if (code == EXIT_DONE && arguments->route != NULL)
    code = add_route(question, arguments->route);
  if (code == EXIT_DONE)
    code = add_request(question, arguments);
  return code == EXIT_DONE ? read_evidence(question, arguments->evidence) : code;
}

static const char *level_name(const question_t *question, int level)
{
  return level >= 0 ? question->context.levels->levels[level].name : "none";
}

static const char *requirement_words(arena_t *arena, const question_t *question, requirement_t requirement)
{
  if (requirement_is_none(requirement))
    return "nothing more";
  const char *age = requirement.max_age_ms == MAX_AGE_NONE
                        ? "any age"
                        : text_format_duration(arena, requirement.max_age_ms);
  return arena_format(arena, "%s%s, %s, %s evidence%s", requirement.level < 0 ? "level " : "",
                      level_name(question, requirement.level), age, evidence_kind_name(requirement.kind),
                      requirement.this_request ? ", for this very request" : "");
}

static void print_words(arena_t *arena, const question_t *question, const decision_t *decision)
{
  for (size_t i = 0; i < question->source_count; i++) {
    const source_t *source = &question->sources[i];
    printf("%s%s%s: %s\n", source->kind, source->name[0] != '\0' ? " " : "", source->name,
           requirement_words(arena, question, source->requirement));
  }
  printf("in all: %s\n", requirement_words(arena, question, question->requirement));
  if (decision->basis != NULL) {
    const evidence_t *basis = decision->basis;
    printf("nearest evidence: %s%s%s at %s, level %s\n", purpose_name(basis->purpose),
           domain_id_is_empty(&basis->domain) ? "" : " for ", basis->domain.text,
           text_format_time(arena, basis->time_ms),
           level_name(question, level_of(question->context.levels, basis)));
  }
  if (decision->verdict == VERDICT_SATISFIED && decision->satisfied_until_ms != INT64_MAX)
    printf("decision: satisfied until %s\n", text_format_time(arena, decision->satisfied_until_ms));
  else
    printf("decision: %s%s%s\n", verdict_name(decision->verdict),
           decision->shortfall != SHORTFALL_NONE ? ", missing: " : "",
           decision->shortfall != SHORTFALL_NONE ? shortfall_name(decision->shortfall) : "");
  printf("%s\n%s\n", policy_explain(arena, &question->context, question->requirement, decision, "en"),
         policy_explain(arena, &question->context, question->requirement, decision, "ja"));
}

static json_t *requirement_json(const question_t *question, requirement_t requirement)
{
  json_t *object = json_object();
  if (requirement.level >= 0)
    json_set_string(object, "acr", level_name(question, requirement.level));
  if (requirement.max_age_ms != MAX_AGE_NONE)
    json_set_integer(object, "max_age", requirement.max_age_ms / 1000);
  json_set_string(object, "evidence", evidence_kind_name(requirement.kind));
  json_set_boolean(object, "this_request", requirement.this_request);
  return object;
}

static json_t *basis_json(const question_t *question, const evidence_t *basis)
{
  const char *amr[AMR_MAX];
  size_t amr_count = policy_amr(basis, amr);
  int level = level_of(question->context.levels, basis);
  json_t *object = json_object(), *values = json_array();
  json_set_string(object, "purpose", purpose_name(basis->purpose));
  if (!domain_id_is_empty(&basis->domain))
    json_set_string(object, "domain", basis->domain.text);
  json_set_integer(object, "time", basis->time_ms / 1000);
  json_set_string(object, "acr", level_name(question, level));
  for (size_t i = 0; i < amr_count; i++)
    json_array_append_new(values, json_string(amr[i]));
  json_object_set_new(object, "amr", values);
  return object;
}

/* Times in seconds since 1970, as in tokens. */
static void print_json(arena_t *arena, const question_t *question, const decision_t *decision)
{
  CLEANUP(json_drop) json_t *answer = json_object();
  json_t *words = json_object();
  json_set_string(answer, "verdict", verdict_name(decision->verdict));
  json_set_string(answer, "missing", shortfall_name(decision->shortfall));
  json_object_set_new(answer, "requirement", requirement_json(question, question->requirement));
  if (decision->verdict == VERDICT_SATISFIED && decision->satisfied_until_ms != INT64_MAX)
    json_set_integer(answer, "satisfied_until", decision->satisfied_until_ms / 1000);
  if (decision->basis != NULL)
    json_object_set_new(answer, "basis", basis_json(question, decision->basis));
  json_set_string(words, "en",
                  policy_explain(arena, &question->context, question->requirement, decision, "en"));
  json_set_string(words, "ja",
                  policy_explain(arena, &question->context, question->requirement, decision, "ja"));
  json_object_set_new(answer, "explanation", words);
  printf("%s\n", json_print(arena, answer, NULL));
}

static int explain(const config_t *config, const arguments_t *arguments)
{
  question_t question = {0};
  int code = build_question(config, arguments, &question);
  if (code != EXIT_DONE)
    return code;
  arena_t *arena = arena_new(16384, 1024 * 1024);
  if (arena == NULL)
    return cli_fail(EXIT_REFUSED, "out of memory");
  decision_t decision = policy_decide(&question.context, question.requirement, &question.evidence);
  if (arguments->json)
    print_json(arena, &question, &decision);
  else
    print_words(arena, &question, &decision);
  arena_free(arena);
  return decision.verdict == VERDICT_SATISFIED ? EXIT_DONE : EXIT_REFUSED;
}

int command_policy(int argc, char **argv)
{
  arguments_t arguments;
  if (argc < 2 || strcmp(argv[1], "explain") != 0 || !parse_arguments(argc - 1, argv + 1, &arguments))
    return cli_usage("policy");
  config_t *config = cli_load_config(arguments.config);
  if (config == NULL)
    return EXIT_REFUSED;
  int code = explain(config, &arguments);
  config_free(config);
  return code;
}
