/* The public listener: what hangs below each issuer. */
#include <string.h>

#include "authority/authority.h"
#include "authority/end_session.h"
#include "authority/pushed_request.h"
#include "authority/token_request.h"
#include "authority/userinfo.h"

#define JWKS_MAX_AGE "public, max-age=300"

static void discovery(http_request_t *http, domain_t *domain)
{
  http_reply_header(http, "Cache-Control", "public, max-age=300");
  http_reply_header(http, "Access-Control-Allow-Origin", "*");
  http_reply_bytes(http, 200, "application/json", domain_settings(domain)->discovery);
}

static void openid_configuration(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", WELL_KNOWN_OPENID);
  if (domain != NULL)
    discovery(http, domain);
}

/* RFC 8414 §3.1: inserted between host and path of the issuer. */
static void oauth_metadata(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, WELL_KNOWN_OAUTH, "");
  if (domain != NULL)
    discovery(http, domain);
}

static void jwks(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_issuer(app, http, "", "/jwks");
  if (domain == NULL)
    return;
  const key_set_t *set = signing_keys_now(domain->keys);
  http_reply_header(http, "Cache-Control", JWKS_MAX_AGE);
  http_reply_header(http, "Access-Control-Allow-Origin", "*");
  http_reply_header(http, "ETag", set->etag);
  bytes_t known;
  if (http_request_header(http, "If-None-Match", &known) == 1 && bytes_equal_string(known, set->etag))
    http_reply_empty(http, 304);
  else
    http_reply_bytes(http, 200, "application/json", set->jwks);
}

static const http_route_t issuer_rows[] = {
    {HTTP_GET, WELL_KNOWN_OPENID, openid_configuration, HTTP_CACHEABLE},
    {HTTP_GET, "/jwks", jwks, HTTP_CACHEABLE},
    {HTTP_POST, "/token", token_endpoint, HTTP_BODY_FORM},
    {HTTP_OPTIONS, "/token", token_preflight, 0},
    {HTTP_POST, "/par", pushed_request_endpoint, HTTP_BODY_FORM},
    {HTTP_POST, "/introspect", introspection_endpoint, HTTP_BODY_FORM},
    {HTTP_POST, "/revoke", revocation_endpoint, HTTP_BODY_FORM},
    {HTTP_OPTIONS, "/revoke", revocation_preflight, 0},
    {HTTP_GET, "/userinfo", userinfo_endpoint, HTTP_NO_HEAD},
    {HTTP_POST, "/userinfo", userinfo_endpoint, 0},
    {HTTP_OPTIONS, "/userinfo", userinfo_preflight, 0},
    {HTTP_GET, "/end_session", end_session_endpoint, HTTP_NO_HEAD},
    {HTTP_POST, "/end_session", end_session_endpoint, HTTP_BODY_FORM},
};
const route_rows_t issuer_routes = {issuer_rows, sizeof issuer_rows / sizeof *issuer_rows};

static const http_route_t inserted_rows[] = {
    {HTTP_GET, WELL_KNOWN_OAUTH, oauth_metadata, HTTP_CACHEABLE},
};
const route_rows_t inserted_routes = {inserted_rows, sizeof inserted_rows / sizeof *inserted_rows};

static const http_route_t health_rows[] = {
    {HTTP_GET, "/healthz", authority_healthz, 0},
    {HTTP_GET, "/readyz", authority_readyz, 0},
};
const route_rows_t health_routes = {health_rows, sizeof health_rows / sizeof *health_rows};
