/* The internal listener: gateways and operators, below /{domain}. Not for the outside. */
#include "authority/authority.h"
#include "authority/check_routes.h"
#include "authority/gateway_routes.h"
#include "authority/own_page_routes.h"
#include "authority/token_request.h"

static void reply_metrics(http_request_t *http, metrics_t *const *sets, size_t count)
{
  builder_t text = arena_builder(http_request_arena(http), METRICS_TEXT_MAX(count));
  metrics_print(&text, sets, count);
  if (text.failed)
    http_reply_error(http, ERR_NO_MEMORY);
  else
    http_reply_bytes(http, 200, "text/plain; version=0.0.4; charset=utf-8", builder_bytes(&text));
}

static void metrics_all(http_request_t *http, void *app)
{
  metrics_t *sets[AUTHORITY_DOMAINS_MAX];
  size_t count = authority_domain_count(app);
  for (size_t i = 0; i < count; i++)
    sets[i] = authority_domain_at(app, i)->metrics;
  reply_metrics(http, sets, count);
}

static void metrics_of_domain(http_request_t *http, void *app)
{
  domain_t *domain = authority_domain_of_segment(app, http);
  if (domain != NULL)
    reply_metrics(http, &domain->metrics, 1);
}

static const http_route_t rows[] = {
    {HTTP_GET, "/metrics", metrics_all, 0},
    {HTTP_GET, "/healthz", authority_healthz, 0},
    {HTTP_GET, "/readyz", authority_readyz, 0},
    {HTTP_GET, "/{domain}/metrics", metrics_of_domain, 0},
    {HTTP_GET, "/{domain}/healthz", authority_healthz, 0},
    {HTTP_GET, "/{domain}/readyz", authority_readyz, 0},
    {HTTP_POST, "/{domain}/introspect", introspection_internal, HTTP_BODY_FORM},
    CHECK_ROUTES,
    GATEWAY_ROUTES,
    OWN_PAGE_ROUTES,
};
const route_rows_t internal_routes = {rows, sizeof rows / sizeof *rows};
