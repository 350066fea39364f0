#include <string.h>

#include "config/build.h"
#include "config/keys.h"

/* Confidential clients come with a later version; to take one for public would let anyone be it. */
static bool is_public(build_t *build, const tree_node_t *node)
{
  const tree_node_t *public = tree_child(node, "public");
  bool by_method = tree_child(node, "token_endpoint_auth_method") != NULL;
  bool is = public != NULL ? build_boolean(node, "domains[].clients[].public") : by_method;
  if (!is)
    problems_add(build->problems, node, "public",
                 "clients with a secret or key are not in this version, allowed: public: true");
  return is;
}

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

static refresh_use_t refresh_use(build_t *build, const tree_node_t *node)
{
  const tree_node_t *grants = tree_child(node, "grant_types");
  text_list_t types = build_list(build, grants);
  if (grants == NULL)
    return REFRESH_ON_REQUEST;
  return text_list_has(&types, "refresh_token") ? REFRESH_ALWAYS : REFRESH_NEVER;
}

static void check_metadata(build_t *build, const tree_node_t *node, const config_domain_t *domain)
{
  const char *signed_with = build_text(node, "domains[].clients[].id_token_signed_response_alg");
  const char *wanted = build_text(node->parent->parent, "domains[].algorithm");
  const tree_node_t *grants = tree_child(node, "grant_types");
  text_list_t types = build_list(build, grants);
  if (signed_with != NULL && strcmp(signed_with, wanted) != 0)
    problems_add(build->problems, node, "id_token_signed_response_alg",
                 "is not the domain's algorithm, allowed: %.16s", wanted);
  if (grants == NULL)
    return;
  if (!text_list_has(&types, "authorization_code"))
    problems_add(build->problems, grants, NULL,
                 "has no grant of this version, allowed: authorization_code among others");
  if (types.count > (text_list_has(&types, "refresh_token") ? 2u : 1u))
    problems_note(build->problems, grants,
                  "only authorization_code and refresh_token are used by this version");
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
        .public_client = is_public(build, node),
        .redirect_uris = build_list(build, tree_child(node, "redirect_uris")),
        .post_logout_redirect_uris = build_list(build, tree_child(node, "post_logout_redirect_uris")),
        .scopes = client_scopes(build, node, domain),
        .token_endpoint_auth_method = build_text(node, "domains[].clients[].token_endpoint_auth_method"),
        .refresh_use = refresh_use(build, node),
        .requirement = build_requirement(build, tree_child(node, "entry"), "domains[].clients[].entry"),
    };
    check_duplicate(build, node, array, *ret_count);
    check_metadata(build, node, domain);
    (*ret_count)++;
  }
  return array;
}
