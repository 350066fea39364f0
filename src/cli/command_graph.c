/* `sekisho graph check|show`: what the service graph of each domain lets happen. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "graph/graph.h"

#define GRAPH_MEMORY ((size_t)1 << 30)

typedef struct arguments {
  const char *config, *domain;
  bool check, json, svg;
} arguments_t;

static bool parse_arguments(int argc, char **argv, arguments_t *ret_arguments)
{
  static const struct option options[] = {{"config", required_argument, NULL, 'c'},
                                          {"domain", required_argument, NULL, 'd'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"svg", no_argument, NULL, 's'},
                                          {0}};
  arguments_t arguments = {0};
  if (argc < 2 || (strcmp(argv[1], "check") != 0 && strcmp(argv[1], "show") != 0))
    return false;
  arguments.check = strcmp(argv[1], "check") == 0;
  for (int option; (option = getopt_long(argc - 1, argv + 1, "c:", options, NULL)) != -1;)
    switch (option) {
    case 'c':
      arguments.config = optarg;
      break;
    case 'd':
      arguments.domain = optarg;
      break;
    case 'j':
      arguments.json = true;
      break;
    case 's':
      arguments.svg = true;
      break;
    default:
      return false;
    }
  *ret_arguments = arguments;
  return optind == argc - 1 && !(arguments.svg && (arguments.json || arguments.check));
}

typedef struct output {
  const arguments_t *arguments;
  json_t *domains; /* NULL without --json */
  bool errors;
} output_t;

static void print_findings(const char *domain, const graph_finding_t *first)
{
  for (const graph_finding_t *at = first; at != NULL; at = at->next)
    printf("%s: %s: %s\n", domain, at->error ? "error" : "note", at->text);
}

/* False when out of memory. */
static bool tell_domain(arena_t *arena, output_t *output, const config_domain_t *domain)
{
  const graph_finding_t *findings = NULL;
  const graph_t *graph = graph_build(arena, domain);
  if (graph == NULL || !graph_find(arena, graph, &findings))
    return false;
  for (const graph_finding_t *at = findings; at != NULL; at = at->next)
    output->errors |= at->error;
  if (output->domains != NULL)
    return json_array_append_new(output->domains, graph_json(graph, findings)) == 0;
  if (output->arguments->svg)
    return graph_print_svg(arena, stdout, graph);
  if (output->arguments->check)
    print_findings(domain->id.text, findings);
  else
    graph_print_text(stdout, graph);
  return true;
}

static bool is_asked(const arguments_t *arguments, const config_domain_t *domain)
{
  return arguments->domain == NULL || strcmp(arguments->domain, domain->id.text) == 0;
}

/* An arena for each domain: a large one leaves its room to the next. */
static int tell(const config_t *config, output_t *output)
{
  bool first = true;
  for (size_t i = 0; i < config->domain_count; i++) {
    if (!is_asked(output->arguments, &config->domains[i]))
      continue;
    if (!first && !output->arguments->check && output->domains == NULL)
      printf("\n");
    first = false;
    arena_t *arena = arena_new(65536, GRAPH_MEMORY);
    bool good = arena != NULL && tell_domain(arena, output, &config->domains[i]);
    arena_free(arena);
    if (!good)
      return cli_fail(EXIT_REFUSED, "domain %s: out of memory", config->domains[i].id.text);
  }
  if (output->domains != NULL) {
    CLEANUP(json_drop) json_t *answer = json_object();
    json_object_set(answer, "domains", output->domains);
    if (json_dumpf(answer, stdout, JSON_COMPACT) != 0)
      return cli_fail(EXIT_REFUSED, "out of memory");
    printf("\n");
  }
  return output->arguments->check && output->errors ? EXIT_REFUSED : EXIT_DONE;
}

int command_graph(int argc, char **argv)
{
  arguments_t arguments;
  if (!parse_arguments(argc, argv, &arguments))
    return cli_usage("graph");
  config_t *config = cli_load_config(arguments.config);
  if (config == NULL)
    return EXIT_REFUSED;
  int code = EXIT_DONE;
  if (arguments.domain != NULL && config_find_domain(config, bytes_of_string(arguments.domain)) == NULL)
    code = cli_fail(EXIT_USAGE, "there is no domain %s", arguments.domain);
  else if (arguments.svg && arguments.domain == NULL && config->domain_count != 1)
    code = cli_fail(EXIT_USAGE, "an SVG shows one domain; say which with --domain");
  CLEANUP(json_drop) json_t *domains = arguments.json ? json_array() : NULL;
  output_t output = {.arguments = &arguments, .domains = domains};
  if (code == EXIT_DONE)
    code = tell(config, &output);
  config_free(config);
  return code;
}
