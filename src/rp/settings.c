#include "rp/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "rp/metadata_folder.h"

#define PEM_MAX_LENGTH ((size_t)4 * 1024 * 1024)

static const char *after(const char *text, const char *prefix)
{
  size_t length = strlen(prefix);
  return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static const char *host_of(const char *origin)
{
  const char *host = after(origin, "https://");
  return host != NULL ? host : after(origin, "http://");
}

static void name_cookies(settings_t *settings)
{
  settings->secure = after(settings->public_origin, "https://") != NULL;
  settings->session_cookie = settings->secure ? "__Host-sekisho" : "sekisho";
  settings->browser_cookie = settings->secure ? "__Host-sekisho-browser" : "sekisho-browser";
  settings->ceremony_cookie_prefix = settings->secure ? "__Host-sekisho-c-" : "sekisho-c-";
}

/* The origin that Android gives an app's ceremonies: the hash of the certificate that signed it. */
static error_code_t app_origin(arena_t *arena, const char *fingerprint, bytes_t *ret_origin)
{
  char digits[2 * 32 + 1];
  size_t count = 0;
  for (const char *at = fingerprint; *at != '\0' && count + 1 < sizeof(digits); at++)
    if (*at != ':')
      digits[count++] = *at;
  digits[count] = '\0';
  bytes_t hash;
  error_code_t error = hex_decode(arena, bytes_of_string(digits), &hash);
  if (error != ERR_NONE)
    return error;
  const char *encoded = base64url_encode(arena, hash);
  char *origin = encoded != NULL ? arena_format(arena, "android:apk-key-hash:%s", encoded) : NULL;
  if (origin == NULL)
    return ERR_NO_MEMORY;
  *ret_origin = bytes_of_string(origin);
  return ERR_NONE;
}

static error_code_t take_app_origins(settings_t *settings)
{
  const config_rp_t *rp = &settings->config->rp;
  error_code_t error = ERR_NONE;
  for (size_t i = 0; i < rp->android_app_count; i++) {
    const text_list_t *prints = &rp->android_apps[i].fingerprints;
    for (size_t j = 0; j < prints->count && error == ERR_NONE; j++)
      error = app_origin(settings->config->arena, prints->items[j],
                         &settings->origins[settings->site.origin_count++]);
  }
  return error;
}

static size_t count_origins(const config_rp_t *rp)
{
  size_t count = rp->origins.count;
  for (size_t i = 0; i < rp->android_app_count; i++)
    count += rp->android_apps[i].fingerprints.count;
  return count;
}

/* Who may embed the ceremonies: rp.cross_origin. */
static error_code_t take_embedders(settings_t *settings)
{
  const config_rp_t *rp = &settings->config->rp;
  bytes_t *embedders = arena_alloc(settings->config->arena, rp->top_origins.count * sizeof(*embedders) + 1);
  if (embedders == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < rp->top_origins.count; i++)
    embedders[i] = bytes_of_string(rp->top_origins.items[i]);
  settings->site.allow_cross_origin = rp->allow_cross_origin;
  settings->site.top_origins = embedders;
  settings->site.top_origin_count = rp->top_origins.count;
  return ERR_NONE;
}

static error_code_t take_origins(settings_t *settings, error_detail_t *detail)
{
  const config_rp_t *rp = &settings->config->rp;
  arena_t *arena = settings->config->arena;
  settings->origins = arena_alloc(arena, count_origins(rp) * sizeof(*settings->origins) + 1);
  settings->hosts = arena_alloc(arena, (rp->origins.count + 1) * sizeof(*settings->hosts));
  if (settings->origins == NULL || settings->hosts == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < rp->origins.count; i++) {
    const char *origin = rp->origins.items[i], *host = host_of(origin);
    settings->origins[i] = bytes_of_string(origin);
    if (host == NULL)
      continue; /* an app's origin */
    if (settings->public_origin == NULL)
      settings->public_origin = origin;
    settings->hosts[settings->host_count++] = host;
  }
  settings->hosts[settings->host_count++] = rp->listen;
  if (settings->public_origin == NULL)
    return error_because(detail, ERR_CONFIG, "rp.origins has no http or https origin for the pages");
  settings->site = (webauthn_site_t){
      .rp_id = bytes_of_string(rp->id), .origins = settings->origins, .origin_count = rp->origins.count};
  return take_app_origins(settings);
}

static error_code_t load_trust_roots(settings_t *settings, error_detail_t *detail)
{
  const char *path = settings->config->rp.trust_roots;
  if (path == NULL)
    return ERR_NONE;
  uint8_t *text = NULL;
  size_t length = 0;
  error_code_t error = file_read(path, PEM_MAX_LENGTH, &text, &length);
  if (error != ERR_NONE)
    return error_because(detail, ERR_CONFIG, "rp.trust_roots: %s cannot be read", path);
  error = trust_roots_new(&settings->trust_roots);
  if (error == ERR_NONE)
    error = trust_roots_add_pem(settings->trust_roots, bytes_of(text, length));
  free(text);
  if (error != ERR_NONE)
    return error_because(detail, ERR_CONFIG, "rp.trust_roots: %s holds no readable certificate", path);
  return ERR_NONE;
}

error_code_t settings_new(config_t *config, settings_t **ret_settings, error_detail_t *detail)
{
  settings_t *settings = calloc(1, sizeof(*settings));
  if (settings == NULL) {
    config_free(config);
    return ERR_NO_MEMORY;
  }
  atomic_init(&settings->holders, 1);
  settings->config = config;
  error_code_t error = take_origins(settings, detail);
  if (error == ERR_NONE)
    error = take_embedders(settings);
  if (error == ERR_NONE)
    error = offer_make(config, &settings->offer, detail);
  if (error == ERR_NONE)
    error = load_trust_roots(settings, detail);
  if (error != ERR_NONE) {
    settings_release(settings);
    return error;
  }
  name_cookies(settings);
  *ret_settings = settings;
  return ERR_NONE;
}

void settings_release(settings_t *settings)
{
  if (settings == NULL || atomic_fetch_sub(&settings->holders, 1) != 1)
    return;
  if (settings->trust_roots != NULL)
    trust_roots_free(settings->trust_roots);
  config_free(settings->config);
  free(settings);
}
