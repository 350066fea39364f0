/* What follows from one configuration: immutable, shared, and let go when the last exchange that began under
 * it ends. */
#ifndef SEKISHO_RP_SETTINGS_H
#define SEKISHO_RP_SETTINGS_H

#include <stdatomic.h>

#include "base/cleanup.h"
#include "crypto/trust_roots.h"
#include "rp/offer.h"
#include "webauthn/site.h"

typedef struct settings {
  atomic_int holders;
  config_t *config;
  webauthn_site_t site;
  bytes_t *origins;
  offer_t offer;
  trust_roots_t *trust_roots; /* NULL: attestation chains are not judged */
  const char *public_origin;  /* address of the pages */
  bool secure;                /* it is https: cookies are Secure and __Host- */
  const char *session_cookie, *browser_cookie, *ceremony_cookie_prefix;
  /* What the listener answers for: the origins' hosts and the listening address. */
  const char **hosts;
  size_t host_count;
} settings_t;

/* Takes the configuration, also when it fails. ERR_CONFIG with the reason. */
MUST_USE error_code_t settings_new(config_t *config, settings_t **ret_settings, error_detail_t *detail);
void settings_release(settings_t *settings);

#endif
