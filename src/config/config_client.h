/* A client of one domain, by the names of RFC 7591. */
#ifndef SEKISHO_CONFIG_CONFIG_CLIENT_H
#define SEKISHO_CONFIG_CONFIG_CLIENT_H

#include "config/config_rp.h"
#include "policy/requirement.h"

/* How a client shows who it is (RFC 7591 §2, token_endpoint_auth_method). */
typedef enum client_method {
  CLIENT_NONE, /* a public client: it keeps no secret */
  CLIENT_SECRET_BASIC,
  CLIENT_SECRET_POST,
  CLIENT_PRIVATE_KEY_JWT,
  CLIENT_TLS,             /* by a certificate that an authority vouches for (RFC 8705 §2.1) */
  CLIENT_SELF_SIGNED_TLS, /* by one of its own, registered as x5c (§2.2) */
} client_method_t;
#define CLIENT_METHOD_COUNT 6

/* RFC 8705 §2.1.2; NULL: not this one. */
typedef struct config_certificate_names {
  const char *subject_dn, *san_dns, *san_uri, *san_ip, *san_email;
} config_certificate_names_t;

/* What belongs to the method, and nothing else. */
typedef struct config_credential {
  const char *secret_file;   /* absolute; of the client_secret methods */
  const char *jwks;          /* JSON text of a key set: of private_key_jwt, self_signed_tls_client_auth, */
  const char *jwks_uri;      /* or where it is fetched */
  const char *algorithm;     /* the only one of its assertions; NULL: any that its keys are for */
  bool token_endpoint_named; /* assertions may name the token endpoint as their audience */
  config_certificate_names_t certificate; /* of tls_client_auth: exactly one is set */
} config_credential_t;

/* When a code also gives a refresh token: as grant_types says, or where it is left out. */
typedef enum refresh_use { REFRESH_ON_REQUEST, REFRESH_ALWAYS, REFRESH_NEVER } refresh_use_t;

/* Whether its tokens are bound to a key by DPoP (RFC 9449). */
typedef enum dpop_use { DPOP_USE_ALLOWED, DPOP_USE_REQUIRED, DPOP_USE_OFF } dpop_use_t;

/* Whether its tokens are bound to the certificate of its connection (RFC 8705 §3). */
typedef enum certificate_use {
  CERTIFICATE_USE_OFF,
  CERTIFICATE_USE_ALLOWED,
  CERTIFICATE_USE_REQUIRED
} certificate_use_t;

typedef struct config_client {
  const char *id;
  const char *name; /* shown to people; never NULL: the id when none is given */
  bool public_client;
  client_method_t method;
  config_credential_t credential;
  dpop_use_t dpop;
  certificate_use_t certificate_binding;
  bool third_party;        /* people are asked before it gets anything of theirs */
  bool first_party;        /* an application of ours, which may bring people in without a browser */
  bool gateway_session;    /* the authority itself, for browsers behind the gateway; nobody else is it */
  bool push_required;      /* its requests must be pushed (RFC 9126) */
  text_list_t grant_types; /* empty: authorization_code */
  text_list_t redirect_uris;
  text_list_t post_logout_redirect_uris;
  const char *backchannel_logout_uri; /* where it is told that a session has ended; NULL: nowhere */
  text_list_t scopes;                 /* empty: all of the domain */
  text_list_t detail_types;           /* the types of authorization details that it may send; empty: none */
  requirement_t requirement;          /* its own entry, joined with the domain's */
} config_client_t;

/* The id of the client that a domain has for gateway_session. No configured client may have it beside. */
#define GATEWAY_SESSION_CLIENT "gateway-session"
/* Below a domain's external_url. */
#define GATEWAY_RETURN_PATH "/.sekisho/return"

/* "client_secret_basic". */
const char *client_method_name(client_method_t method);
/* False for every other name. */
bool client_method_parse(bytes_t name, client_method_t *ret_method);
/* Whether the method is one of mutual TLS. */
bool client_method_is_tls(client_method_t method);
/* Whether the client is registered for the grant type. */
bool config_client_uses(const config_client_t *client, bytes_t grant_type);
/* As its grant_types say, or where they are left out. */
refresh_use_t config_client_refresh_use(const config_client_t *client);

#endif
