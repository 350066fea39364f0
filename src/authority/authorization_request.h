/* An authorization request (OAuth 2.1 §4.1.1, OpenID Connect Core 1.0 §3.1.2.1), parsed in two steps.
 *
 * First the target: who asks, and where an answer may go. Until both are verified nothing is redirected. Then
 * the rest, whose errors go to the verified redirect URI. Duplicates refuse the whole; an empty value is an
 * absent one; unknown parameters are ignored. */
#ifndef SEKISHO_AUTHORITY_AUTHORIZATION_REQUEST_H
#define SEKISHO_AUTHORITY_AUTHORIZATION_REQUEST_H

#include "authority/authorization_details.h"
#include "authority/domain.h"
#include "http/http.h"

#define QUERY_MAX ((size_t)32 * 1024)
#define STATE_MAX 8192
#define NONCE_MAX 1024
#define SCOPE_MAX 1024
#define SCOPES_MAX 32
#define ACR_VALUES_MAX 16
#define HINT_MAX 256
#define CLAIMS_MAX 4096

typedef struct authorization_target {
  const http_form_t *form;
  const config_client_t *client; /* of the settings: not across a wait */
  bytes_t redirect_uri;          /* as sent: registered */
  bytes_t state;                 /* none, or to be given back as it is */
  bool form_post;
  bool native; /* the answer is for an application of ours that asked itself (NATIVE_REDIRECT_URI) */
} authorization_target_t;

/* ERR_MALFORMED, ERR_DUPLICATE_PARAMETER, ERR_UNKNOWN_CLIENT or ERR_REDIRECT_URI: for a page, never for a
 * redirect. */
MUST_USE error_code_t authorization_target_parse(arena_t *arena, const domain_settings_t *settings,
                                                 bytes_t query, authorization_target_t *ret_target);
/* Exactly a registered one. A registered http address of a loopback IP literal without port takes any port
 * (RFC 8252 §7.3). */
bool redirect_uri_is_registered(const config_client_t *client, bytes_t redirect_uri);

typedef struct authorization_request {
  bytes_t nonce;
  uint8_t challenge[32]; /* PKCE S256 */
  confirmation_t key;    /* dpop_jkt: the code is for whoever proves it */
  bytes_t scope;         /* what is granted: asked for, known, each once, in the order asked */
  bool refreshes;        /* the code gives a refresh token, too */
  bytes_t claim_scopes;  /* those of it that give claims of the account */
  authorization_details_t details;
  requirement_t floor;            /* the policy's: entry, client, scopes */
  requirement_t wanted;           /* with max_age and prompt, which only raise */
  int acr_values[ACR_VALUES_MAX]; /* known levels, in the order of preference */
  size_t acr_count;
  bool acr_essential; /* one of acr_values must be reached, or the request fails */
  bool prompt_none;
  bool select_account;
  bool prompt_consent;
  bytes_t login_hint, ui_locales;
  bytes_t hinted_subject; /* of id_token_hint: nobody else gets an answer; empty: anybody may */
} authorization_request_t;

/* Errors are for the target's redirect URI. */
MUST_USE error_code_t authorization_request_parse(arena_t *arena, const domain_settings_t *settings,
                                                  const authorization_target_t *target,
                                                  authorization_request_t *ret_request);

/* Of the policy, before any scope: the domain's and the client's own. Every sign-in has some level, even
 * where the policy asks for none. */
requirement_t entry_requirement(const domain_settings_t *settings, const config_client_t *client);
/* Scopes of the standards, which ask for nothing: openid and offline_access. */
bool scope_is_standard(bytes_t name);
bool client_may_ask(const config_client_t *client, bytes_t scope);

#endif
