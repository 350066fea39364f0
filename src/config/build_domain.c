#include <string.h>

#include "config/build.h"
#include "config/keys.h"

/* RFC 9053 §2, RFC 8812 §2. */
enum { COSE_ES256 = -7, COSE_EDDSA = -8, COSE_RS256 = -257 };

static void build_tokens(build_t *build, const tree_node_t *node, config_domain_t *domain)
{
  const tree_node_t *access = tree_child(node, "access_token");
  const tree_node_t *internal = tree_child(node, "internal_token");
  domain->access_token_lifetime_ms = build_duration(access, "domains[].access_token.lifetime");
  domain->access_token_audience = build_text(access, "domains[].access_token.audience");
  if (domain->access_token_audience == NULL)
    domain->access_token_audience = domain->external_url != NULL ? domain->external_url : domain->issuer;
  domain->internal_lifetime_ms = build_duration(internal, "domains[].internal_token.lifetime");
  domain->internal_reuse_ms = build_duration(internal, "domains[].internal_token.reuse");
  domain->internal_audience = build_text(internal, "domains[].internal_token.audience");
  if (domain->internal_audience == NULL) {
    domain->internal_audience = arena_format(build->problems->arena, "%s.internal", domain->id.text);
    build->problems->out_of_memory |= domain->internal_audience == NULL;
  }
  if (internal != NULL && domain->internal_reuse_ms >= domain->internal_lifetime_ms)
    problems_add(build->problems, internal, "reuse",
                 "is not shorter than lifetime, allowed: less than lifetime");
}

static void build_refresh(build_t *build, const tree_node_t *node, config_domain_t *domain)
{
  const tree_node_t *refresh = tree_child(node, "refresh_token");
  domain->refresh_idle_ms = build_duration(refresh, "domains[].refresh_token.idle");
  domain->refresh_absolute_ms = build_duration(refresh, "domains[].refresh_token.absolute");
  domain->refresh_grace_ms = build_duration(refresh, "domains[].refresh_token.grace");
  domain->refresh_outlives = !build_boolean(refresh, "domains[].refresh_token.ends_with_session");
  if (refresh != NULL && domain->refresh_absolute_ms < domain->refresh_idle_ms)
    problems_add(build->problems, refresh, "absolute", "is shorter than idle, allowed: at least as long");
}

/* FAPI 2.0 Security Profile §5.3.2, as far as it is the domain's. What it asks of clients: build_clients.c.
 */
static void build_profile(build_t *build, const tree_node_t *node, config_domain_t *domain)
{
  const char *profile = build_text(node, "domains[].profile");
  domain->fapi2 = profile != NULL && strcmp(profile, "fapi2") == 0;
  domain->push_required =
      domain->fapi2 || build_boolean(node, "domains[].require_pushed_authorization_requests");
  if (domain->fapi2 && domain->algorithm == COSE_RS256)
    problems_add(build->problems, node, "algorithm",
                 "RS256 is not taken with profile: fapi2, allowed: ES256, EdDSA");
}

static void build_session(build_t *build, const tree_node_t *node, config_domain_t *domain)
{
  const tree_node_t *session = tree_child(node, "session");
  domain->session_idle_ms = build_duration(session, "domains[].session.idle");
  domain->session_absolute_ms = build_duration(session, "domains[].session.absolute");
  if (session != NULL && domain->session_absolute_ms < domain->session_idle_ms)
    problems_add(build->problems, session, "absolute", "is shorter than idle, allowed: at least as long");
}

const config_scope_t *build_scopes(build_t *build, const tree_node_t *scopes, size_t *ret_count)
{
  if (scopes == NULL || scopes->kind != TREE_MAP)
    return NULL;
  config_scope_t *array = build_array(build, scopes->count, sizeof *array);
  if (array == NULL)
    return NULL;
  for (const tree_node_t *node = scopes->first; node != NULL; node = node->next) {
    if (config_value_listed("openid|offline_access", node->key))
      problems_add(build->problems, node, NULL,
                   "is OpenID Connect's own and asks for nothing, allowed: leave it out");
    const tree_node_t *title = tree_child(node, "title");
    array[(*ret_count)++] = (config_scope_t){
        .name = node->key,
        .title_en = build_text(title, "domains[].scopes.*.title.en"),
        .title_ja = build_text(title, "domains[].scopes.*.title.ja"),
        .requirement = build_requirement(build, node, "domains[].scopes.*"),
    };
  }
  return array;
}

static int algorithm_of(const char *name)
{
  if (strcmp(name, "EdDSA") == 0)
    return COSE_EDDSA;
  return strcmp(name, "RS256") == 0 ? COSE_RS256 : COSE_ES256;
}

void build_domain(build_t *build, const tree_node_t *node, config_domain_t *domain)
{
  const char *id = build_text(node, "domains[].id");
  if (id == NULL || domain_id_parse(bytes_of_string(id), &domain->id) != ERR_NONE)
    domain->id = (domain_id_t){{0}};
  domain->name = build_text(node, "domains[].name");
  if (domain->name == NULL)
    domain->name = domain->id.text;
  domain->issuer = build_text(node, "domains[].issuer");
  domain->external_url = build_text(node, "domains[].external_url");
  const char *subjects = build_text(node, "domains[].subject_type");
  build_own_page(build, node, domain);
  domain->public_subjects = subjects != NULL && strcmp(subjects, "public") == 0;
  domain->algorithm = algorithm_of(build_text(node, "domains[].algorithm"));
  const tree_node_t *entry = tree_child(node, "entry");
  domain->entry = build_requirement(build, entry, "domains[].entry");
  if (entry == NULL && domain->entry.level < 0)
    problems_add(build->problems, node, "entry",
                 "its default level is not in levels, allowed: entry: {acr: …}");
  domain->authenticators =
      build_authenticators(build, tree_child(node, "authenticators"), "domains[].authenticators");
  domain->scopes = build_scopes(build, tree_child(node, "scopes"), &domain->scope_count);
  domain->details =
      build_details(build, tree_child(node, "authorization_details"), domain, &domain->detail_count);
  build_session(build, node, domain);
  build_refresh(build, node, domain);
  domain->client_ca_file = build_path(build, build_text(node, "domains[].client_ca_file"));
  domain->mtls_url = build_text(node, "domains[].mtls_url");
  domain->certificates = build->config->client_certificate.name != NULL;
  if (domain->mtls_url != NULL && !domain->certificates)
    problems_add(build->problems, node, "mtls_url",
                 "leads to no certificates, allowed with authority.client_certificate");
  domain->dpop_nonces = build_boolean(node, "domains[].dpop_nonces");
  build_profile(build, node, domain);
  build_tokens(build, node, domain);
  domain->clients = build_clients(build, tree_child(node, "clients"), domain, &domain->client_count);
  build_gateway_session(build, node, domain);
  domain->routes = build_routes(build, node, domain, &domain->route_count);
}
