#include <string.h>

#include "config/build.h"
#include "config/keys.h"

static const char *client_name(build_t *build, const tree_node_t *node, const char *id)
{
  const char *name = build_text(node, "domains[].clients[].name");
  const char *other = build_text(node, "domains[].clients[].client_name");
  if (name != NULL && other != NULL)
    problems_add(build->problems, node, "client_name", "says the same as name, keep one");
  return name != NULL ? name : other != NULL ? other : id;
}

/* Space-separated, as RFC 7591 §2 has it. */
static text_list_t client_scopes(build_t *build, const tree_node_t *node, const config_domain_t *domain)
{
  text_list_t scopes = {NULL, 0};
  const char *at = build_text(node, "domains[].clients[].scope");
  if (at == NULL)
    return scopes;
  scopes.items = build_array(build, strlen(at) / 2 + 1, sizeof *scopes.items);
  while (scopes.items != NULL) {
    at += strspn(at, " ");
    size_t len = strcspn(at, " ");
    if (len == 0)
      break;
    const char *scope = arena_string(build->problems->arena, bytes_of(at, len));
    at += len;
    if (scope == NULL) {
      build->problems->out_of_memory = true;
      break;
    }
    static const char standard[] = "openid|profile|email|address|phone|offline_access";
    if (config_find_scope(domain, bytes_of_string(scope)) == NULL && !config_value_listed(standard, scope))
      problems_add(build->problems, node, "scope",
                   "\"%.64s\" is no scope of this domain, allowed: those below scopes, openid, profile, "
                   "email, address, phone, offline_access",
                   scope);
    scopes.items[scopes.count++] = scope;
  }
  return scopes;
}

static void check_metadata(build_t *build, const tree_node_t *node, const config_domain_t *domain)
{
  const char *signed_with = build_text(node, "domains[].clients[].id_token_signed_response_alg");
  const char *wanted = build_text(node->parent->parent, "domains[].algorithm");
  const char *subjects = build_text(node, "domains[].clients[].subject_type");
  const tree_node_t *grants = tree_child(node, "grant_types");
  text_list_t types = build_list(build, grants);
  if (signed_with != NULL && strcmp(signed_with, wanted) != 0)
    problems_add(build->problems, node, "id_token_signed_response_alg",
                 "is not the domain's algorithm, allowed: %.16s", wanted);
  if (subjects != NULL && (strcmp(subjects, "public") == 0) != domain->public_subjects)
    problems_add(build->problems, node, "subject_type", "is not the domain's, allowed: %s",
                 domain->public_subjects ? "public" : "pairwise");
  for (size_t i = 0; i < types.count; i++)
    if (!config_value_listed("authorization_code|client_credentials|refresh_token", types.items[i]))
      problems_note(build->problems, grants, "%.64s is not used by this version", types.items[i]);
}

/* Whom a code may go to; and what a client may do without a person. */
static void check_grants(build_t *build, const tree_node_t *node, const config_client_t *client)
{
  bool codes = config_client_uses(client, BYTES_LITERAL("authorization_code"));
  bool itself = config_client_uses(client, BYTES_LITERAL("client_credentials"));
  const tree_node_t *uris = tree_child(node, "redirect_uris");
  if (!codes && !itself)
    problems_add(
        build->problems, node, "grant_types",
        "has no grant of this version, allowed: authorization_code or client_credentials among others");
  else if (codes && uris == NULL)
    problems_add(build->problems, node, "redirect_uris", "is missing, allowed: %s",
                 config_key_find("domains[].clients[].redirect_uris[]")->allowed);
  else if (!codes && uris != NULL)
    problems_add(build->problems, node, "redirect_uris",
                 "is only for clients with the grant authorization_code, allowed: leave it out");
  if (!codes && client->backchannel_logout_uri != NULL)
    problems_add(build->problems, node, "backchannel_logout_uri",
                 "is only for clients with the grant authorization_code, allowed: leave it out");
  if (itself && client->public_client)
    problems_add(build->problems, node, "grant_types",
                 "has client_credentials, which a public client has none of, allowed: authorization_code");
  if (itself && client->scopes.count == 0)
    problems_add(build->problems, node, "scope",
                 "is missing, client_credentials needs it: what the client may do in its own name");
}

/* FAPI 2.0 Security Profile §5.3.2.1: only clients that prove themselves by a key, to the issuer alone. */
static void check_profile(build_t *build, const tree_node_t *node, const config_client_t *client)
{
  const char *algorithm = client->credential.algorithm;
  bool assertions = client->method == CLIENT_PRIVATE_KEY_JWT;
  if (!assertions && !client_method_is_tls(client->method))
    problems_add(build->problems, node, "token_endpoint_auth_method",
                 "is not taken with profile: fapi2, allowed: private_key_jwt, tls_client_auth, "
                 "self_signed_tls_client_auth");
  if (assertions && client->credential.token_endpoint_named)
    problems_add(build->problems, node, "client_assertion_audience",
                 "is not issuer, allowed with profile: fapi2: issuer, or leave it out");
  if (algorithm != NULL && !config_value_listed("ES256|EdDSA|PS256", algorithm))
    problems_add(build->problems, node, "token_endpoint_auth_signing_alg",
                 "is not taken with profile: fapi2, allowed: ES256, EdDSA, PS256");
  if (client->dpop == DPOP_USE_OFF && client->certificate_binding == CERTIFICATE_USE_OFF)
    problems_add(build->problems, node, "dpop",
                 "is off, allowed with profile: fapi2: required, or certificate_binding: required");
}

/* Whoever brings people in without a browser is known by nothing but the operator's word and PKCE. */
static void check_first_party(build_t *build, const tree_node_t *node, const config_domain_t *domain,
                              const config_client_t *client)
{
  if (!client->first_party)
    return;
  if (!client->public_client)
    problems_add(build->problems, node, "first_party",
                 "is for applications on people's devices, which keep no secret, allowed with public: true");
  if (client->third_party)
    problems_add(build->problems, node, "first_party", "and third_party contradict each other, keep one");
  if (domain->push_required || client->push_required)
    problems_add(build->problems, node, "first_party",
                 "cannot push its requests, allowed: leave it out where they must be pushed");
}

static void check_duplicate(build_t *build, const tree_node_t *node, const config_client_t *clients,
                            size_t count)
{
  const config_client_t *client = &clients[count];
  for (size_t i = 0; client->id != NULL && i < count; i++)
    if (clients[i].id != NULL && strcmp(clients[i].id, client->id) == 0)
      problems_add(build->problems, node, "id", "\"%.64s\" is given twice, allowed: one client of each id",
                   client->id);
}

static dpop_use_t client_dpop(const build_t *build, const tree_node_t *node)
{
  static const char *const words[] = {
      [DPOP_USE_ALLOWED] = "allowed", [DPOP_USE_REQUIRED] = "required", [DPOP_USE_OFF] = "off"};
  const char *word = build_text(node, "domains[].clients[].dpop");
  bool bound = build_boolean(node, "domains[].clients[].dpop_bound_access_tokens");
  dpop_use_t use = bound ? DPOP_USE_REQUIRED : DPOP_USE_ALLOWED;
  for (size_t i = 0; tree_child(node, "dpop") != NULL && i < sizeof words / sizeof *words; i++)
    if (word != NULL && strcmp(word, words[i]) == 0)
      use = (dpop_use_t)i;
  if (bound && use != DPOP_USE_REQUIRED)
    problems_add(build->problems, node, "dpop",
                 "contradicts dpop_bound_access_tokens: true, allowed: required, or leave it out");
  return use;
}

const config_client_t *build_clients(build_t *build, const tree_node_t *clients,
                                     const config_domain_t *domain, size_t *ret_count)
{
  if (clients == NULL || clients->kind != TREE_LIST)
    return NULL;
  config_client_t *array = build_array(build, clients->count, sizeof *array);
  if (array == NULL)
    return NULL;
  for (const tree_node_t *node = clients->first; node != NULL; node = node->next) {
    if (node->kind != TREE_MAP)
      continue;
    const char *id = build_text(node, "domains[].clients[].id");
    array[*ret_count] = (config_client_t){
        .id = id,
        .name = client_name(build, node, id),
        .grant_types = build_list(build, tree_child(node, "grant_types")),
        .redirect_uris = build_list(build, tree_child(node, "redirect_uris")),
        .post_logout_redirect_uris = build_list(build, tree_child(node, "post_logout_redirect_uris")),
        .backchannel_logout_uri = build_text(node, "domains[].clients[].backchannel_logout_uri"),
        .scopes = client_scopes(build, node, domain),
        .detail_types = build_list(build, tree_child(node, "authorization_details_types")),
        .requirement = build_requirement(build, tree_child(node, "entry"), "domains[].clients[].entry"),
    };
    config_client_t *client = &array[*ret_count];
    client->method = build_credential(build, node, &client->credential);
    client->public_client = client->method == CLIENT_NONE;
    client->dpop = client_dpop(build, node);
    client->certificate_binding = build_certificate_binding(build, node, client);
    client->third_party = build_boolean(node, "domains[].clients[].third_party");
    client->first_party = build_boolean(node, "domains[].clients[].first_party");
    client->push_required = build_boolean(node, "domains[].clients[].require_pushed_authorization_requests");
    if (domain->fapi2)
      check_profile(build, node, client);
    check_grants(build, node, client);
    check_first_party(build, node, domain, client);
    build_check_certificates(build, node, domain, client);
    check_duplicate(build, node, array, *ret_count);
    check_metadata(build, node, domain);
    build_check_client_details(build, node, domain, client);
    (*ret_count)++;
  }
  return array;
}
