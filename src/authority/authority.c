#include "authority/authority.h"

#include <stdlib.h>
#include <string.h>

#include "authority/listeners.h"
#include "base/clock.h"
#include "base/log.h"
#include "ops/process.h"

struct authority {
  authority_options_t options;
  config_t *config; /* the newest; older ones wait in retire. The main thread's alone */
  char *public_address;
  retire_t *retire;
  domain_t *domains[AUTHORITY_DOMAINS_MAX];
  size_t count;
  listeners_t *listeners;
};

CLEANUP_FUNCTION(arena_drop, arena_t, arena_free)

/* --- looking domains up --- */

size_t authority_domain_count(const authority_t *authority)
{
  return authority->count;
}

domain_t *authority_domain_at(const authority_t *authority, size_t index)
{
  return authority->domains[index];
}

domain_t *authority_find_domain(const authority_t *authority, bytes_t id)
{
  for (size_t i = 0; i < authority->count; i++)
    if (bytes_equal_string(id, authority->domains[i]->id.text))
      return authority->domains[i];
  return NULL;
}

domain_t *authority_domain_of_segment(authority_t *authority, http_request_t *request)
{
  domain_t *domain = authority_find_domain(authority, http_request_segment(request, "domain"));
  if (domain == NULL)
    http_reply_error(request, ERR_NOT_FOUND);
  return domain;
}

static bool take(bytes_t *text, const char *prefix)
{
  bytes_t wanted = bytes_of_string(prefix);
  if (text->len < wanted.len || !bytes_equal(bytes_of(text->data, wanted.len), wanted))
    return false;
  *text = bytes_of(text->data + wanted.len, text->len - wanted.len);
  return true;
}

static bool is_host(bytes_t host, const char *wanted)
{
  return strlen(wanted) == host.len && strncasecmp((const char *)host.data, wanted, host.len) == 0;
}

/* RFC 8705 §5: the same endpoints, where connections are asked for a certificate. */
static bool is_mtls_address(const domain_settings_t *settings, bytes_t host, bytes_t path, const char *prefix,
                            const char *suffix)
{
  return settings->mtls_host != NULL && prefix[0] == '\0' && take(&path, settings->mtls_path) &&
         bytes_equal_string(path, suffix) && is_host(host, settings->mtls_host);
}

domain_t *authority_domain_of_issuer(authority_t *authority, http_request_t *request, const char *prefix,
                                     const char *suffix)
{
  bytes_t host;
  domain_t *found = NULL;
  bool one_host = http_request_header(request, "Host", &host) == 1;
  for (size_t i = 0; one_host && i < authority->count; i++) {
    const domain_settings_t *settings = domain_settings(authority->domains[i]);
    bytes_t path = http_request_raw_path(request);
    if (is_mtls_address(settings, host, path, prefix, suffix))
      return authority->domains[i];
    if (!take(&path, prefix) || !take(&path, settings->issuer_path) || !bytes_equal_string(path, suffix))
      continue;
    if (is_host(host, settings->issuer_host))
      return authority->domains[i];
    if (is_host(host, authority->public_address))
      found = authority->domains[i];
  }
  if (found == NULL)
    http_reply_error(request, ERR_NOT_FOUND);
  return found;
}

/* --- health --- */

void authority_healthz(http_request_t *http, void *app)
{
  (void)app;
  http_reply_static(http, 200, "application/json", BYTES_LITERAL("{\"status\":\"ok\"}"));
}

void authority_readyz(http_request_t *http, void *app)
{
  const authority_t *authority = app;
  bool well = true;
  for (size_t i = 0; i < authority->count; i++)
    well = well && store_is_healthy(authority->domains[i]->store);
  if (well)
    http_reply_static(http, 200, "application/json", BYTES_LITERAL("{\"status\":\"ready\"}"));
  else
    http_reply_static(http, 503, "application/json",
                      BYTES_LITERAL("{\"status\":\"failed\",\"error\":\"store\"}"));
}

/* --- configuration --- */

static void log_config_line(void *context, const char *line)
{
  (void)context;
  log_event(LOG_ERROR, "config.error", LOG_TEXT("line", line));
}

static bool is_served(const authority_t *authority, const config_domain_t *domain)
{
  return authority->options.only_domain == NULL ||
         strcmp(authority->options.only_domain, domain->id.text) == 0;
}

static void config_release(void *object)
{
  config_free(object);
}

/* What the listeners and open stores were made from must stay; everything else may change. */
static const char *change_that_needs_restart(const authority_t *authority, const config_t *next)
{
  const config_t *now = authority->config;
  size_t served = 0;
  if (strcmp(now->authority_listen, next->authority_listen) != 0 ||
      strcmp(now->authority_internal, next->authority_internal) != 0)
    return "authority.listen or authority.internal";
  if (strcmp(now->authority_database, next->authority_database) != 0)
    return "authority.database";
  for (size_t i = 0; i < next->domain_count; i++) {
    if (!is_served(authority, &next->domains[i]))
      continue;
    served++;
    domain_t *domain = authority_find_domain(authority, bytes_of_string(next->domains[i].id.text));
    if (domain == NULL)
      return "a domain that is new";
    if (strcmp(domain_settings(domain)->config->issuer, next->domains[i].issuer) != 0)
      return "an issuer";
  }
  return served == authority->count ? NULL : "a domain that is gone";
}

/* All or nothing: settings are made for every domain before any is put in place. */
static error_code_t settings_for_all(const authority_t *authority, const config_t *config,
                                     domain_settings_t **settings, error_detail_t *detail)
{
  for (size_t i = 0; i < authority->count; i++) {
    const config_domain_t *own = config_find_domain(config, bytes_of_string(authority->domains[i]->id.text));
    error_code_t error = own != NULL ? domain_settings_new(config, own, &settings[i], detail) : ERR_CONFIG;
    if (error == ERR_NONE)
      continue;
    while (i-- > 0)
      domain_settings_free(settings[i]);
    return error;
  }
  return ERR_NONE;
}

static error_code_t reload(authority_t *authority, error_detail_t *detail)
{
  config_t *next;
  error_code_t error = config_load(authority->config->path, log_config_line, NULL, &next);
  if (error != ERR_NONE)
    return error_because(detail, error, "the configuration is wrong");
  const char *change = change_that_needs_restart(authority, next);
  domain_settings_t *settings[AUTHORITY_DOMAINS_MAX] = {NULL};
  if (change != NULL)
    error = error_because(detail, ERR_CONFIG, "%s changed: that needs a restart", change);
  else
    error = settings_for_all(authority, next, settings, detail);
  if (error != ERR_NONE) {
    config_free(next);
    return error;
  }
  for (size_t i = 0; i < authority->count; i++)
    domain_replace_settings(authority->domains[i], settings[i]);
  retire_later(authority->retire, authority->config, config_release);
  authority->config = next;
  return ERR_NONE;
}

void authority_reload(authority_t *authority)
{
  error_detail_t detail = {{0}};
  error_code_t error = reload(authority, &detail);
  if (error == ERR_NONE)
    log_event(LOG_INFO, "config.reloaded", LOG_TEXT("path", authority->config->path));
  else
    log_event(LOG_ERROR, "config.kept", LOG_TEXT("error", error_info(error)->slug),
              LOG_TEXT("detail", detail.text));
}

/* --- start and stop --- */

static error_code_t make_folders(const config_t *config, error_detail_t *detail)
{
  CLEANUP(arena_drop) arena_t *arena = arena_new(4096, 65536);
  char *keys = arena != NULL ? arena_format(arena, "%s/keys", config->directory) : NULL;
  char *run = arena != NULL ? arena_format(arena, "%s/run", config->directory) : NULL;
  if (keys == NULL || run == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = process_make_folder(keys, detail);
  return error == ERR_NONE ? process_make_folder(run, detail) : error;
}

static error_code_t open_domain(authority_t *authority, const config_domain_t *own, error_detail_t *detail)
{
  domain_settings_t *settings;
  if (authority->count == AUTHORITY_DOMAINS_MAX)
    return error_because(detail, ERR_CONFIG, "more than %d domains: run several authorities",
                         AUTHORITY_DOMAINS_MAX);
  error_code_t error = domain_settings_new(authority->config, own, &settings, detail);
  if (error != ERR_NONE)
    return error;
  error = domain_open(authority->config, settings, authority->retire, authority->options.caller,
                      &authority->domains[authority->count], detail);
  if (error == ERR_NONE)
    authority->count++;
  else
    domain_settings_free(settings);
  return error;
}

static error_code_t open_domains(authority_t *authority, error_detail_t *detail)
{
  error_code_t error = make_folders(authority->config, detail);
  for (size_t i = 0; i < authority->config->domain_count && error == ERR_NONE; i++)
    if (is_served(authority, &authority->config->domains[i]))
      error = open_domain(authority, &authority->config->domains[i], detail);
  if (error == ERR_NONE && authority->count == 0)
    error = error_because(detail, ERR_CONFIG, "there is no domain %s to serve",
                          authority->options.only_domain != NULL ? authority->options.only_domain : "at all");
  return error;
}

error_code_t authority_start(const authority_options_t *options, config_t *config,
                             authority_t **ret_authority, error_detail_t *detail)
{
  authority_t *authority = calloc(1, sizeof *authority);
  if (authority == NULL) {
    caller_free(options->caller);
    config_free(config);
    return ERR_NO_MEMORY;
  }
  authority->options = *options;
  authority->config = config;
  authority->public_address = strdup(config->authority_listen);
  error_code_t error = authority->public_address != NULL ? retire_new(&authority->retire) : ERR_NO_MEMORY;
  if (error == ERR_NONE)
    error = open_domains(authority, detail);
  if (error == ERR_NONE)
    error = listeners_start(authority, config, options->admin_only, &authority->listeners, detail);
  if (error != ERR_NONE) {
    authority_stop(authority, 0);
    return error;
  }
  *ret_authority = authority;
  return ERR_NONE;
}

void authority_stop(authority_t *authority, int64_t grace_ms)
{
  caller_stop(authority->options.caller); /* who waits for a call is answered before the listeners close */
  listeners_stop(authority->listeners, grace_ms);
  for (size_t i = 0; i < authority->count; i++)
    domain_close(authority->domains[i]);
  caller_free(authority->options.caller);
  retire_free(authority->retire);
  config_free(authority->config);
  free(authority->public_address);
  free(authority);
}

void authority_tick(authority_t *authority)
{
  int64_t now_ms = clock_now_ms();
  for (size_t i = 0; i < authority->count; i++)
    domain_maintain(authority->domains[i], now_ms);
  retire_collect(authority->retire);
}
