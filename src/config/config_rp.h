/* The relying party's part of the configuration. */
#ifndef SEKISHO_CONFIG_CONFIG_RP_H
#define SEKISHO_CONFIG_CONFIG_RP_H

#include "base/arena.h"
#include "policy/authenticator.h"

typedef struct text_list {
  const char **items;
  size_t count;
} text_list_t;

/* Defaults of one ceremony's options; the request may name its own. Words are WebAuthn's; NULL: not said. */
typedef struct config_ceremony {
  text_list_t hints;
  const char *user_verification;
  const char *attachment;   /* create only */
  const char *resident_key; /* create only */
  int64_t timeout_ms;       /* at most the challenge's lifetime */
} config_ceremony_t;

typedef struct config_extensions {
  bool cred_props, min_pin_length, uvm; /* asked in every ceremony that has them */
  int cred_protect;                     /* 1 to 3: the policy asked; 0: none */
  bool cred_protect_enforced;
  bool prf, large_blob;    /* callers may ask */
  const char *appid;       /* U2F's AppID of keys registered before WebAuthn; NULL: none */
  bool refuse_unsolicited; /* outputs that nobody asked for */
} config_extensions_t;

typedef struct config_android_app {
  const char *package;
  text_list_t fingerprints; /* SHA-256 of signing certificates, as colon-separated pairs */
} config_android_app_t;

/* Where FIDO's metadata comes from; neither file nor url: there is none. */
typedef struct config_metadata {
  const char *file, *url;
  const char *roots;      /* PEM file; never NULL when there is a file or url */
  const char *signer;     /* whom the signer's certificate is for; NULL: anybody */
  const char *crls;       /* PEM file or NULL */
  const char *statements; /* folder of single statements or NULL */
  int64_t refresh_ms;
  bool refuse_stale;
} config_metadata_t;

typedef struct config_rp {
  const char *id; /* the RP ID */
  const char *name;
  text_list_t origins; /* exact; the first http(s) one is the public address of the pages */
  const char *listen;  /* host:port */
  bool invite_only;
  bool conformance;        /* answers as FIDO's conformance tool expects; never on a public origin */
  const char *attestation; /* none | indirect | direct | enterprise */
  text_list_t attestation_formats, algorithms; /* in order of preference; never without algorithms */
  const char *trust_roots;                     /* PEM file or NULL: the operator's own attestation anchors */
  config_ceremony_t create, get;
  bool conditional_create;
  config_extensions_t extensions;
  bool allow_cross_origin;
  text_list_t top_origins;
  const config_android_app_t *android_apps;
  size_t android_app_count;
  text_list_t apple_apps; /* TEAMID.bundle.id */
  config_metadata_t metadata;
  authenticator_rule_t authenticators; /* who may be registered */
  bool require_metadata;               /* only models that the metadata knows */
  bool refuse_compromised_logins;
  bool sign_count_alert; /* a counter that did not grow is only reported */
  bool refuse_backup_eligible, refuse_backup_change;
  int64_t session_idle_ms, session_absolute_ms;
  int64_t challenge_lifetime_ms;
  unsigned rate_burst, rate_per_minute; /* of one address */
  bool rate_loopback;                   /* whether this host's own addresses count */
  const char *home;                     /* where / leads; NULL: the account or login page */
  const char *database; /* absolute path; or an address with its schema (base/database_address.h) */
} config_rp_t;

#endif
