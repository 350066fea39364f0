#include "authority/domain.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "authority/discovery.h"
#include "authority/origin.h"
#include "authority/token_cache.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "ops/key_file.h"
#include "store/authority_requests.h"
#include "store/authority_schema.h"

#define SETTINGS_MAX ((size_t)4 * 1024 * 1024)
#define SWEEP_INTERVAL_MS 10000

CLEANUP_FUNCTION(arena_drop, arena_t, arena_free)

/* --- settings --- */

static int64_t longest_token_life(const config_domain_t *domain)
{
  int64_t longest_ms = ID_TOKEN_LIFETIME_MS;
  if (domain->access_token_lifetime_ms > longest_ms)
    longest_ms = domain->access_token_lifetime_ms;
  if (domain->internal_lifetime_ms > longest_ms)
    longest_ms = domain->internal_lifetime_ms;
  return longest_ms;
}

/* The origins of public clients' web redirect URIs, each once. */
static error_code_t settings_origins(arena_t *arena, const config_domain_t *domain, text_list_t *ret_origins)
{
  size_t most = 0;
  for (size_t i = 0; i < domain->client_count; i++)
    most += domain->clients[i].redirect_uris.count;
  const char **items = arena_alloc(arena, (most + 1) * sizeof *items);
  if (items == NULL)
    return ERR_NO_MEMORY;
  text_list_t origins = {.items = items, .count = 0};
  for (size_t i = 0; i < domain->client_count; i++) {
    const config_client_t *client = &domain->clients[i];
    for (size_t j = 0; client->public_client && j < client->redirect_uris.count; j++) {
      web_origin_t origin;
      if (!web_origin_parse(arena, client->redirect_uris.items[j], &origin))
        continue;
      if (!text_list_contains(&origins, bytes_of_string(origin.text)))
        items[origins.count++] = origin.text;
    }
  }
  *ret_origins = origins;
  return ERR_NONE;
}

static error_code_t settings_fill(const config_t *config, domain_settings_t *settings, error_detail_t *detail)
{
  const config_domain_t *domain = settings->config;
  web_origin_t issuer;
  if (!web_origin_parse(settings->arena, domain->issuer, &issuer))
    return error_because(detail, ERR_CONFIG, "issuer %s is not an http or https address", domain->issuer);
  settings->issuer_host = issuer.host;
  settings->issuer_path = issuer.path;
  settings->pages_address = discovery_pages_address(config);
  error_code_t error = settings_origins(settings->arena, domain, &settings->browser_origins);
  return error != ERR_NONE ? error : discovery_build(settings->arena, config, domain, &settings->discovery);
}

error_code_t domain_settings_new(const config_t *config, const config_domain_t *domain,
                                 domain_settings_t **ret_settings, error_detail_t *detail)
{
  arena_t *arena = arena_new(16384, SETTINGS_MAX);
  domain_settings_t *settings = arena != NULL ? arena_alloc(arena, sizeof *settings) : NULL;
  if (settings == NULL) {
    arena_free(arena);
    return ERR_NO_MEMORY;
  }
  settings->config = domain;
  settings->levels = &config->levels;
  settings->authenticators = domain->authenticators;
  settings->id = domain->id;
  settings->algorithm = (signature_algorithm_t)domain->algorithm;
  settings->token_lifetime_ms = longest_token_life(domain);
  settings->arena = arena;
  error_code_t error = settings_fill(config, settings, detail);
  if (error != ERR_NONE) {
    domain_settings_free(settings);
    return error;
  }
  *ret_settings = settings;
  return ERR_NONE;
}

void domain_settings_free(domain_settings_t *settings)
{
  if (settings != NULL)
    arena_free(settings->arena); /* where settings itself lies */
}

static void settings_release(void *object)
{
  domain_settings_free(object);
}

const domain_settings_t *domain_settings(const domain_t *domain)
{
  return atomic_load(&domain->settings);
}

void domain_replace_settings(domain_t *domain, domain_settings_t *settings)
{
  const domain_settings_t *old = atomic_exchange(&domain->settings, settings);
  token_cache_clear(domain->token_cache);
  retire_later(domain->retire, (void *)(uintptr_t)old, settings_release);
}

/* --- opening --- */

static error_code_t domain_open_store(const config_t *config, domain_t *domain, const config_domain_t *own,
                                      secret_key_t *key, error_detail_t *detail)
{
  CLEANUP(arena_drop) arena_t *arena = arena_new(4096, 65536);
  char *name = arena != NULL ? arena_format(arena, "authority-%s.key", domain->id.text) : NULL;
  char *key_path = name != NULL ? config_key_path(arena, config, name) : NULL;
  char *database_path = key_path != NULL ? config_domain_database(arena, config, own) : NULL;
  if (database_path == NULL)
    return ERR_NO_MEMORY;
  error_code_t error = key_file_open(key_path, database_path, key, detail);
  if (error == ERR_NONE)
    error = hash_derive_key(key, "sekisho authority references", &domain->reference_key);
  if (error == ERR_NONE)
    error =
        store_open(database_path, authority_migrations, authority_migrations_count, &domain->store, detail);
  if (error == ERR_NONE)
    error = store_add_sweep(domain->store, request_sweep, SWEEP_INTERVAL_MS);
  if (error == ERR_NONE)
    error = store_add_sweep(domain->store, grant_sweep, SWEEP_INTERVAL_MS);
  return error;
}

static void remember_revoked(void *context, grant_ref_t ref, int64_t until_ms)
{
  revocations_add(context, ref, until_ms);
}

static error_code_t domain_load_revocations(domain_t *domain)
{
  error_code_t error = revocations_new(&domain->revocations);
  if (error != ERR_NONE)
    return error;
  CLEANUP(store_read_end) store_read_t read = store_read_begin(domain->store);
  if (read.database == NULL)
    return ERR_UNAVAILABLE;
  return grant_each_revoked(read.database, clock_now_ms(), remember_revoked, domain->revocations);
}

static error_code_t domain_fill(const config_t *config, domain_t *domain, const domain_settings_t *settings,
                                error_detail_t *detail)
{
  CLEANUP(secret_key_wipe) secret_key_t key = {{0}};
  error_code_t error = metrics_new(domain->id.text, &domain->metrics);
  if (error == ERR_NONE)
    error = domain_open_store(config, domain, settings->config, &key, detail);
  if (error == ERR_NONE)
    error =
        signing_keys_open(domain->store, &key, settings->algorithm, domain->retire, &domain->keys, detail);
  if (error == ERR_NONE)
    error = domain_load_revocations(domain);
  if (error == ERR_NONE)
    error = token_cache_new(&domain->token_cache);
  return error;
}

error_code_t domain_open(const config_t *config, domain_settings_t *settings, retire_t *retire,
                         domain_t **ret_domain, error_detail_t *detail)
{
  domain_t *domain = calloc(1, sizeof *domain);
  if (domain == NULL)
    return ERR_NO_MEMORY;
  domain->id = settings->id;
  domain->retire = retire;
  error_code_t error = domain_fill(config, domain, settings, detail);
  if (error != ERR_NONE) {
    domain_close(domain);
    return error;
  }
  atomic_store(&domain->settings, settings);
  *ret_domain = domain;
  return ERR_NONE;
}

void domain_close(domain_t *domain)
{
  if (domain == NULL)
    return;
  if (domain->store != NULL)
    store_close(domain->store);
  signing_keys_free(domain->keys);
  revocations_free(domain->revocations);
  token_cache_free(domain->token_cache);
  metrics_free(domain->metrics);
  domain_settings_free((domain_settings_t *)(uintptr_t)atomic_load(&domain->settings));
  secret_key_wipe(&domain->reference_key);
  free(domain);
}

void domain_maintain(domain_t *domain, int64_t now_ms)
{
  const domain_settings_t *settings = domain_settings(domain);
  revocations_prune(domain->revocations, now_ms);
  bool rotated;
  error_code_t error =
      signing_keys_maintain(domain->keys, settings->algorithm, now_ms, settings->token_lifetime_ms, &rotated);
  if (error != ERR_NONE)
    log_event(LOG_ERROR, "key.maintenance_failed", LOG_TEXT("domain", domain->id.text),
              LOG_TEXT("error", error_info(error)->slug));
  if (rotated) {
    metrics_count(domain->metrics, METRIC_KEY_ROTATIONS, METRIC_PLAIN);
    log_event(LOG_INFO, "key.rotated", LOG_TEXT("domain", domain->id.text));
  }
}
