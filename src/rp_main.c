/* sekisho-rp: the process that strangers talk to. Holds no signing key and no client secret. */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/database_address.h"
#include "base/json.h"
#include "base/log.h"
#include "ops/process.h"
#include "ops/sandbox.h"
#include "rp/conformance.h"
#include "rp/metadata_folder.h"
#include "rp/metadata_watch.h"
#include "rp/outbox.h"
#include "rp/routes.h"
#include "rp/rp.h"
#include "store/rp_challenge.h"
#include "store/rp_deleted_credential.h"
#include "store/rp_session.h"
#include "store/rp_ticket.h"
#include "store/store.h"

#define AUTHORITY_CONNECTIONS 16
#define DRAIN_MS 10000
#define SWEEP_INTERVAL_MS 60000

extern const migration_t rp_migrations[];
extern const size_t rp_migrations_count;

typedef struct process {
  const char *config_path;
  bool admin_only;
  rp_t rp;
  http_server_t *public_server, *admin_server;
  fetch_agent_t *fetch_agent;  /* NULL: nothing is to be fetched */
  settings_t *server_settings; /* what the public server was started with: it keeps views of them */
} process_t;

static void report_problem(void *context, const char *line)
{
  (void)context;
  fprintf(stderr, "%s\n", line);
}

static void log_problem(void *context, const char *line)
{
  (void)context;
  log_event(LOG_ERROR, "config.error", LOG_TEXT("line", line));
}

static error_code_t load_settings(const char *path, config_report_t *report, settings_t **ret_settings,
                                  error_detail_t *detail)
{
  config_t *config = NULL;
  error_code_t error = config_load(path, report, NULL, &config);
  if (error != ERR_NONE)
    return error_because(detail, error, "%s is not a usable configuration", path);
  return settings_new(config, ret_settings, detail);
}

static rate_limit_rules_t rate_limit_rules(const config_t *config)
{
  const config_rp_t *rp = &config->rp;
  return (rate_limit_rules_t){rp->rate_burst, rp->rate_per_minute, rp->rate_loopback};
}

/* --- start --- */

static const char *folder_of(arena_t *arena, const char *path)
{
  char *copy = arena_string(arena, bytes_of_string(path));
  return copy != NULL ? dirname(copy) : NULL;
}

/* Before any thread is made. What the configuration names is read again when it changes, from the folders
 * where it was at the start. */
static error_code_t enter_sandbox(const config_t *config, error_detail_t *detail)
{
  const config_rp_t *rp = &config->rp;
  const char *const files[] = {rp->database, rp->trust_roots, rp->metadata.file, rp->metadata.roots,
                               rp->metadata.crls};
  const char *folders[2 + sizeof(files) / sizeof(files[0])] = {config->directory};
  size_t count = 1;
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
    if (files[i] == NULL || database_address_is_url(files[i]))
      continue;
    folders[count] = folder_of(config->arena, files[i]);
    if (folders[count++] == NULL)
      return ERR_NO_MEMORY;
  }
  if (rp->metadata.statements != NULL)
    folders[count++] = rp->metadata.statements;
  return sandbox_enter(folders, count, detail);
}

static error_code_t open_store(rp_t *rp, const config_t *config, error_detail_t *detail)
{
  error_code_t error =
      store_open(config->rp.database, rp_migrations, rp_migrations_count, &rp->store, detail);
  if (error == ERR_NONE)
    error = store_check_key(rp->store, "rp.key",
                            bytes_of(rp->keys.fingerprint.bytes, sizeof(rp->keys.fingerprint.bytes)), detail);
  if (error == ERR_NONE)
    error = store_add_sweep(rp->store, rp_challenge_sweep, SWEEP_INTERVAL_MS);
  if (error == ERR_NONE)
    error = store_add_sweep(rp->store, rp_ticket_sweep, SWEEP_INTERVAL_MS);
  if (error == ERR_NONE)
    error = store_add_sweep(rp->store, rp_deleted_credential_sweep, SWEEP_INTERVAL_MS);
  if (error == ERR_NONE)
    error = store_add_sweep(rp->store, rp_session_sweep, 60 * SWEEP_INTERVAL_MS);
  return error;
}

static error_code_t open_parts(process_t *process, error_detail_t *detail)
{
  rp_t *rp = &process->rp;
  const config_t *config = rp->settings->config;
  rp->authority_socket = config_run_path(config->arena, config, "authority.sock");
  rp->authority_socket = rp->authority_socket != NULL ? strdup(rp->authority_socket) : NULL;
  const char *key = config_key_path(config->arena, config, "rp.key");
  if (rp->authority_socket == NULL || key == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = rp_keys_open(key, config->rp.database, &rp->keys, detail);
  if (error == ERR_NONE)
    error = open_store(rp, config, detail);
  if (error == ERR_NONE)
    error = rate_limit_new(rate_limit_rules(config), &rp->rate_limit);
  if (error == ERR_NONE)
    error = http_client_new(rp->authority_socket, AUTHORITY_CONNECTIONS, &rp->authority);
  if (error == ERR_NONE && !process->admin_only)
    error = outbox_start(rp, &rp->outbox);
  if (error == ERR_NONE)
    error = metadata_watch_start(rp, process->fetch_agent, !process->admin_only, &rp->metadata_watch);
  return error;
}

static void refuse_request(http_request_t *request, void *app, error_code_t code)
{
  (void)app;
  rp_refuse_request(request, code);
}

static error_code_t start_admin(process_t *process, error_detail_t *detail)
{
  const config_t *config = process->rp.settings->config;
  const char *path = config_run_path(config->arena, config, "rp-admin.sock");
  const char *listen = path != NULL ? arena_format(config->arena, "unix:%s", path) : NULL;
  if (listen == NULL)
    return ERR_NO_MEMORY;
  const http_server_options_t options = {.listen = listen,
                                         .routes = admin_routes,
                                         .route_count = admin_route_count,
                                         .app = &process->rp,
                                         .limits = http_limits_default,
                                         .threads = 1,
                                         .refuse = refuse_request};
  return http_server_start(&options, &process->admin_server, detail);
}

static error_code_t start_public(process_t *process, error_detail_t *detail)
{
  const settings_t *settings = process->server_settings = rp_settings_hold(&process->rp);
  const config_rp_t *rp = &settings->config->rp;
  const http_server_options_t options = {.listen = rp->listen,
                                         .hosts = settings->hosts,
                                         .host_count = settings->host_count,
                                         .origins = rp->origins.items,
                                         .origin_count = rp->origins.count,
                                         .any_origin = conformance_takes_any_origin(rp),
                                         .routes = public_routes,
                                         .route_count = public_route_count,
                                         .app = &process->rp,
                                         .limits = http_limits_default,
                                         .threads = 2,
                                         .https = settings->secure,
                                         .refuse = refuse_request};
  return http_server_start(&options, &process->public_server, detail);
}

static error_code_t start(process_t *process, error_detail_t *detail)
{
  error_code_t error = load_settings(process->config_path, report_problem, &process->rp.settings, detail);
  if (error != ERR_NONE)
    return error;
  const config_t *config = process->rp.settings->config;
  const char *run = config_run_path(config->arena, config, "");
  const char *keys = config_key_path(config->arena, config, "");
  if (run == NULL || keys == NULL)
    return ERR_NO_MEMORY;
  error = process_make_folder(run, detail);
  if (error == ERR_NONE)
    error = process_make_folder(keys, detail);
  if (error == ERR_NONE && config->rp.metadata.url != NULL)
    error = fetch_agent_start(process->config_path, &process->fetch_agent);
  if (error == ERR_NONE)
    error = enter_sandbox(config, detail);
  if (error == ERR_NONE)
    error = open_parts(process, detail);
  if (error == ERR_NONE)
    error = start_admin(process, detail);
  if (error == ERR_NONE && !process->admin_only)
    error = start_public(process, detail);
  return error;
}

/* --- life --- */

static bool lists_equal(text_list_t a, text_list_t b)
{
  bool equal = a.count == b.count;
  for (size_t i = 0; i < a.count && equal; i++)
    equal = strcmp(a.items[i], b.items[i]) == 0;
  return equal;
}

/* What the listener and the open store were made from must stay; everything else may change. */
static const char *change_that_needs_restart(const config_rp_t *now, const config_rp_t *next)
{
  if (strcmp(now->listen, next->listen) != 0)
    return "rp.listen";
  if (strcmp(now->database, next->database) != 0)
    return "rp.database";
  if (now->conformance != next->conformance)
    return "rp.conformance";
  return lists_equal(now->origins, next->origins) ? NULL : "rp.origins";
}

static error_code_t reload_settings(const process_t *process, settings_t **ret_settings,
                                    error_detail_t *detail)
{
  settings_t *settings = NULL;
  error_code_t error = load_settings(process->config_path, log_problem, &settings, detail);
  if (error != ERR_NONE)
    return error;
  const char *change =
      change_that_needs_restart(&process->server_settings->config->rp, &settings->config->rp);
  if (change != NULL) {
    settings_release(settings);
    return error_because(detail, ERR_CONFIG, "%s changed: that needs a restart", change);
  }
  *ret_settings = settings;
  return ERR_NONE;
}

static void reload(process_t *process)
{
  settings_t *settings = NULL;
  error_detail_t detail = {{0}};
  if (process->server_settings == NULL) /* for one command: nothing to follow */
    return;
  if (reload_settings(process, &settings, &detail) != ERR_NONE) {
    log_event(LOG_ERROR, "config.kept", LOG_TEXT("detail", detail.text));
    return;
  }
  rate_limit_set(process->rp.rate_limit, rate_limit_rules(settings->config));
  rp_settings_replace(&process->rp, settings);
  metadata_watch_wake(process->rp.metadata_watch);
  log_event(LOG_INFO, "config.reloaded", LOG_TEXT("path", process->config_path));
}

static void live(process_t *process)
{
  for (;;) {
    switch (process_signal_wait(-1)) {
    case PROCESS_STOP:
      return;
    case PROCESS_RELOAD:
      reload(process);
      break;
    case PROCESS_CHILD:
    case PROCESS_TICK:
      break;
    }
  }
}

static void stop(process_t *process)
{
  rp_t *rp = &process->rp;
  fetch_agent_abort(process->fetch_agent); /* nobody waits for it any more */
  if (process->public_server != NULL)
    http_server_stop(process->public_server, DRAIN_MS);
  if (process->admin_server != NULL)
    http_server_stop(process->admin_server, DRAIN_MS);
  if (rp->store != NULL)
    store_unwatch(rp->store);
  outbox_stop(rp->outbox);
  metadata_watch_stop(rp->metadata_watch);
  fetch_agent_stop(process->fetch_agent);
  if (rp->authority != NULL)
    http_client_free(rp->authority);
  if (rp->store != NULL)
    store_close(rp->store);
  settings_release(process->server_settings);
  settings_release(rp->settings);
  rate_limit_free(rp->rate_limit);
  rp_keys_wipe(&rp->keys);
  free((void *)rp->authority_socket);
}

static int usage(void)
{
  fprintf(stderr, "usage: sekisho-rp -c FILE [--admin-only]\n");
  return 2;
}

static bool arguments_parse(int argc, char **argv, process_t *process)
{
  static const struct option options[] = {
      {"config", required_argument, NULL, 'c'}, {"admin-only", no_argument, NULL, 'a'}, {0}};
  for (int option; (option = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
    if (option == 'c')
      process->config_path = optarg;
    else if (option == 'a')
      process->admin_only = true;
    else
      return false;
  }
  return optind == argc && process->config_path != NULL;
}

int main(int argc, char **argv)
{
  static process_t process;
  process_begin();
  mallopt(M_ARENA_MAX, 2);
  if (!arguments_parse(argc, argv, &process))
    return usage();
  /* For one command of the operator: its own line is all that anyone wants to read. */
  log_open("rp", process.admin_only ? LOG_ERROR : LOG_INFO);
  json_seed();
  pthread_mutex_init(&process.rp.settings_lock, NULL);
  error_detail_t detail = {{0}};
  error_code_t error = start(&process, &detail);
  if (error != ERR_NONE) {
    fprintf(stderr, "sekisho-rp: %s\n", detail.text[0] != '\0' ? detail.text : error_info(error)->sentence);
    stop(&process);
    return 1;
  }
  process_notify_ready();
  if (!database_address_is_url(process.rp.settings->config->rp.database) &&
      store_engine_warning(store_engine_version()) != NULL)
    log_event(LOG_WARNING, "store.engine", LOG_TEXT("version", store_engine_version()),
              LOG_TEXT("warning", store_engine_warning(store_engine_version())));
  conformance_announce(&process.rp.settings->config->rp);
  log_event(LOG_INFO, "rp.ready",
            LOG_TEXT("listen", process.admin_only ? "" : process.rp.settings->config->rp.listen));
  live(&process);
  stop(&process);
  return 0;
}
