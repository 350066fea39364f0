#include "authority/domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authority/check_log.h"
#include "authority/discovery.h"
#include "authority/domain_watch.h"
#include "authority/dpop_memory.h"
#include "authority/logout_sender.h"
#include "authority/origin.h"
#include "authority/session_use.h"
#include "authority/token_cache.h"
#include "base/clock.h"
#include "base/database_address.h"
#include "base/file.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "ops/key_file.h"
#include "store/authority_assertions.h"
#include "store/authority_logouts.h"
#include "store/authority_pushed.h"
#include "store/authority_requests.h"
#include "store/authority_schema.h"

#define SETTINGS_MAX ((size_t)4 * 1024 * 1024)
#define SWEEP_INTERVAL_MS 10000
#define CLIENT_CA_MAX ((size_t)1024 * 1024)

CLEANUP_FUNCTION(arena_drop, arena_t, arena_free)

/* --- settings --- */

static int64_t longest_token_life(const config_domain_t *domain)
{
  int64_t longest_ms = ID_TOKEN_LIFETIME_MS;
  if (domain->access_token_lifetime_ms > longest_ms)
    longest_ms = domain->access_token_lifetime_ms;
  if (domain->internal_lifetime_ms > longest_ms)
    longest_ms = domain->internal_lifetime_ms;
  if (domain->gateway_session && domain->session_absolute_ms > longest_ms)
    longest_ms = domain->session_absolute_ms;
  return longest_ms;
}

static error_code_t read_roots(domain_settings_t *settings, error_detail_t *detail)
{
  const char *path = settings->config->client_ca_file;
  uint8_t *pem = NULL;
  size_t len = 0;
  if (path == NULL)
    return ERR_NONE;
  error_code_t error = file_read(path, CLIENT_CA_MAX, &pem, &len);
  if (error != ERR_NONE)
    return error_because(detail, ERR_CONFIG, "client_ca_file: %s cannot be read", path);
  error = trust_roots_new(&settings->client_roots);
  if (error == ERR_NONE)
    error = trust_roots_add_pem(settings->client_roots, bytes_of(pem, len));
  free(pem);
  return error == ERR_MALFORMED
             ? error_because(detail, ERR_CONFIG, "client_ca_file: %s holds no readable certificate", path)
             : error;
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
  settings->client_certificate = &config->client_certificate;
  settings->gateway_certificate = &config->gateway_certificate;
  web_origin_t mtls;
  if (domain->mtls_url != NULL && web_origin_parse(settings->arena, domain->mtls_url, &mtls)) {
    settings->mtls_host = mtls.host;
    settings->mtls_path = mtls.path;
  }
  error_code_t error = read_roots(settings, detail);
  if (error == ERR_NONE)
    error = client_table_build(settings->arena, domain, &settings->clients, detail);
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
  settings->rp = &config->rp;
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
  if (settings == NULL)
    return;
  client_table_done(&settings->clients);
  trust_roots_free(settings->client_roots);
  arena_free(settings->arena); /* where settings itself lies */
}

static void settings_release(void *object)
{
  domain_settings_free(object);
}

const client_t *domain_find_client(const domain_settings_t *settings, bytes_t id)
{
  const client_t *client = client_table_find(&settings->clients, id);
  if (client != NULL || settings->stored_clients == NULL)
    return client;
  return client_table_find(client_store_now(settings->stored_clients), id);
}

bool domain_allows_origin(const domain_settings_t *settings, bytes_t origin)
{
  return text_list_contains(&settings->clients.origins, origin) ||
         text_list_contains(&client_store_now(settings->stored_clients)->origins, origin);
}

const domain_settings_t *domain_settings(const domain_t *domain)
{
  return atomic_load(&domain->settings);
}

void domain_replace_settings(domain_t *domain, domain_settings_t *settings)
{
  settings->stored_clients = &domain->stored_clients;
  const domain_settings_t *old = atomic_exchange(&domain->settings, settings);
  token_cache_clear(domain->token_cache);
  retire_later(domain->retire, (void *)(uintptr_t)old, settings_release);
}

/* --- opening --- */

/* Nodes of one domain have one key file: else a code of one would be nothing to another. */
static error_code_t domain_check_key(domain_t *domain, const secret_key_t *key, const char *key_path,
                                     error_detail_t *detail)
{
  CLEANUP(secret_key_wipe) secret_key_t fingerprint = {{0}};
  error_code_t error = hash_derive_key(key, "sekisho authority key fingerprint", &fingerprint);
  const char *name = strrchr(key_path, '/');
  return error == ERR_NONE ? store_check_key(domain->store, name != NULL ? name + 1 : key_path,
                                             bytes_of(fingerprint.bytes, sizeof fingerprint.bytes), detail)
                           : error;
}

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
    error = hash_derive_key(key, "sekisho authority refresh tokens", &domain->refresh_key);
  if (error == ERR_NONE &&
      database_address_is_url(database_path)) /* a nonce of one node is good at every node */
    error = hash_derive_key(key, "sekisho authority DPoP nonces", &domain->dpop_nonces.key);
  if (error == ERR_NONE)
    error = hash_derive_key(key, "sekisho authority gateway sessions", &domain->gateway_key);
  if (error == ERR_NONE)
    error =
        store_open(database_path, authority_migrations, authority_migrations_count, &domain->store, detail);
  if (error == ERR_NONE)
    error = domain_check_key(domain, key, key_path, detail);
  if (error == ERR_NONE)
    error = store_add_sweep(domain->store, request_sweep, SWEEP_INTERVAL_MS);
  if (error == ERR_NONE)
    error = store_add_sweep(domain->store, pushed_sweep, SWEEP_INTERVAL_MS);
  if (error == ERR_NONE)
    error = store_add_sweep(domain->store, grant_sweep, SWEEP_INTERVAL_MS);
  if (error == ERR_NONE)
    error = store_add_sweep(domain->store, assertion_sweep, SWEEP_INTERVAL_MS);
  if (error == ERR_NONE)
    error = store_add_sweep(domain->store, logout_sweep, SWEEP_INTERVAL_MS);
  return error;
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
    error = revocations_new(&domain->revocations);
  if (error == ERR_NONE)
    error = domain_read_revocations(domain);
  if (error == ERR_NONE)
    error = domain_read_clients(domain);
  if (error == ERR_NONE)
    error = token_cache_new(&domain->token_cache);
  if (error == ERR_NONE)
    error = dpop_memory_new(&domain->dpop_memory);
  if (error == ERR_NONE)
    error = session_use_new(&domain->session_use);
  if (error == ERR_NONE)
    error = check_log_new(&domain->check_log);
  if (error == ERR_NONE)
    error = domain_watch(domain);
  return error;
}

error_code_t domain_open(const config_t *config, domain_settings_t *settings, retire_t *retire,
                         caller_t *caller, domain_t **ret_domain, error_detail_t *detail)
{
  domain_t *domain = calloc(1, sizeof *domain);
  if (domain == NULL)
    return ERR_NO_MEMORY;
  domain->id = settings->id;
  domain->retire = retire;
  domain->stored_clients.retire = retire;
  dpop_nonces_begin(&domain->dpop_nonces, clock_now_ms());
  error_code_t error = remote_keys_new(caller, retire, domain->id.text, &domain->remote_keys);
  if (error == ERR_NONE)
    error = workload_keys_new(domain->remote_keys, domain->id.text, &domain->workload_keys);
  if (error == ERR_NONE)
    error = logout_sender_new(domain, caller, &domain->logout_sender);
  if (error == ERR_NONE)
    error = domain_fill(config, domain, settings, detail);
  if (error != ERR_NONE) {
    domain_close(domain);
    return error;
  }
  settings->stored_clients = &domain->stored_clients;
  atomic_store(&domain->settings, settings);
  *ret_domain = domain;
  return ERR_NONE;
}

void domain_close(domain_t *domain)
{
  if (domain == NULL)
    return;
  if (domain->store != NULL)
    store_close(domain->store); /* before what it has read again is freed */
  client_store_done(&domain->stored_clients);
  logout_sender_free(domain->logout_sender);
  workload_keys_free(domain->workload_keys);
  remote_keys_free(domain->remote_keys);
  signing_keys_free(domain->keys);
  revocations_free(domain->revocations);
  token_cache_free(domain->token_cache);
  dpop_memory_free(domain->dpop_memory);
  session_use_free(domain->session_use);
  check_log_free(domain->check_log);
  secret_key_wipe(&domain->dpop_nonces.key);
  metrics_free(domain->metrics);
  domain_settings_free((domain_settings_t *)(uintptr_t)atomic_load(&domain->settings));
  secret_key_wipe(&domain->reference_key);
  secret_key_wipe(&domain->refresh_key);
  secret_key_wipe(&domain->gateway_key);
  free(domain);
}

/* Why requests are refused, once. */
static void domain_note_store(domain_t *domain)
{
  bool current = store_is_current(domain->store);
  if (current == !domain->stale)
    return;
  domain->stale = !current;
  store_stats_t stats;
  store_stats(domain->store, &stats);
  log_event(current ? LOG_INFO : LOG_ERROR, current ? "store.current" : "store.stale",
            LOG_TEXT("domain", domain->id.text), LOG_TEXT("detail", current ? "" : stats.failure.text));
}

void domain_maintain(domain_t *domain, int64_t now_ms)
{
  const domain_settings_t *settings = domain_settings(domain);
  revocations_prune(domain->revocations, now_ms);
  domain_note_store(domain);
  logout_sender_run(domain->logout_sender);
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
