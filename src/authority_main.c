/* sekisho-authority: the issuers of one or more domains. */
#include <getopt.h>
#include <libgen.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/authority.h"
#include "base/database_address.h"
#include "base/json.h"
#include "base/log.h"
#include "ops/process.h"
#include "ops/sandbox.h"
#include "store/store.h"

#define EXIT_USAGE 2
#define TICK_MS 1000
#define DRAIN_MS 8000

static bool options_parse(int argc, char **argv, authority_options_t *ret_options)
{
  static const struct option names[] = {
      {"domain", required_argument, NULL, 'd'}, {"admin-only", no_argument, NULL, 'a'}, {NULL, 0, NULL, 0}};
  authority_options_t options = {.config_path = NULL};
  int option;
  while ((option = getopt_long(argc, argv, "c:", names, NULL)) != -1) {
    if (option == 'c')
      options.config_path = optarg;
    else if (option == 'd')
      options.only_domain = optarg;
    else if (option == 'a')
      options.admin_only = true;
    else
      return false;
  }
  *ret_options = options;
  return options.config_path != NULL && optind == argc;
}

static void print_config_line(void *context, const char *line)
{
  (void)context;
  fprintf(stderr, "%s\n", line);
}

/* Before any thread is made. */
static error_code_t enter_sandbox(const config_t *config, error_detail_t *detail)
{
  if (database_address_is_url(config->authority_database))
    return sandbox_enter(&config->directory, 1, detail);
  char *database = strdup(config->authority_database);
  if (database == NULL)
    return ERR_NO_MEMORY;
  const char *const folders[] = {config->directory, dirname(database)};
  error_code_t error = sandbox_enter(folders, 2, detail);
  free(database);
  return error;
}

static int run(authority_t *authority)
{
  for (;;) {
    switch (process_signal_wait(TICK_MS)) {
    case PROCESS_STOP:
      log_event(LOG_INFO, "authority.stopping", LOG_NUMBER("drain_ms", DRAIN_MS));
      authority_stop(authority, DRAIN_MS);
      return EXIT_SUCCESS;
    case PROCESS_RELOAD:
      authority_reload(authority);
      break;
    case PROCESS_CHILD:
    case PROCESS_TICK:
      authority_tick(authority);
      break;
    }
  }
}

static int fail(error_code_t error, const error_detail_t *detail)
{
  fprintf(stderr, "sekisho-authority: %s\n",
          detail->text[0] != '\0' ? detail->text : error_info(error)->sentence);
  return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
  authority_options_t options;
  if (!options_parse(argc, argv, &options)) {
    fprintf(stderr, "usage: sekisho-authority -c FILE [--domain ID] [--admin-only]\n");
    return EXIT_USAGE;
  }
  process_begin();
  mallopt(M_ARENA_MAX, 2);
  /* For one command of the operator: its own line is all that anyone wants to read. */
  log_open("authority", options.admin_only ? LOG_ERROR : LOG_INFO);
  json_seed();
  config_t *config;
  if (config_load(options.config_path, print_config_line, NULL, &config) != ERR_NONE)
    return EXIT_FAILURE;
  error_detail_t detail = {{0}};
  error_code_t error = options.admin_only ? ERR_NONE : caller_start(&options.caller);
  if (error == ERR_NONE)
    error = enter_sandbox(config, &detail);
  if (error != ERR_NONE) {
    caller_free(options.caller);
    config_free(config);
    return fail(error, &detail);
  }
  authority_t *authority;
  error = authority_start(&options, config, &authority, &detail);
  if (error != ERR_NONE)
    return fail(error, &detail);
  if (!database_address_is_url(config->authority_database) &&
      store_engine_warning(store_engine_version()) != NULL)
    log_event(LOG_WARNING, "store.engine", LOG_TEXT("version", store_engine_version()),
              LOG_TEXT("warning", store_engine_warning(store_engine_version())));
  log_event(LOG_INFO, "authority.ready", LOG_TEXT("public", config->authority_listen),
            LOG_TEXT("internal", config->authority_internal),
            LOG_NUMBER("domains", authority_domain_count(authority)));
  process_notify_ready();
  return run(authority);
}
