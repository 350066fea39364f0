/* How a client shows who it is: exactly one method, and exactly what it needs. */
#include <string.h>

#include "base/json.h"
#include "config/build.h"

#define ROW "domains[].clients[]."

/* False after a complaint: what the client needs cannot be told then. */
static bool read_method(build_t *build, const tree_node_t *node, client_method_t *ret_method)
{
  const tree_node_t *said = tree_child(node, "public");
  const tree_node_t *named = tree_child(node, "token_endpoint_auth_method");
  const char *name = build_text(node, ROW "token_endpoint_auth_method");
  bool public = said != NULL && build_boolean(node, ROW "public");
  bool confidential = named != NULL && strcmp(name, "none") != 0;
  if (!client_method_parse(bytes_of_string(name), ret_method))
    *ret_method = CLIENT_NONE;
  if (said == NULL && named == NULL)
    problems_add(build->problems, node, "token_endpoint_auth_method",
                 "is missing, allowed: public: true, or client_secret_basic, client_secret_post, "
                 "private_key_jwt, tls_client_auth, self_signed_tls_client_auth for a client that keeps a "
                 "secret or key");
  else if (public && *ret_method != CLIENT_NONE)
    problems_add(build->problems, node, "public",
                 "true and token_endpoint_auth_method: %.40s contradict each other, keep one", name);
  else if (said != NULL && !public && !confidential)
    problems_add(build->problems, node, "public",
                 "false needs a token_endpoint_auth_method, allowed: client_secret_basic, "
                 "client_secret_post, private_key_jwt, tls_client_auth, self_signed_tls_client_auth");
  else
    return true;
  return false;
}

/* --- the key set, from YAML to JSON --- */

static json_t *json_of(const tree_node_t *node);

static json_t *json_of_children(const tree_node_t *node)
{
  json_t *value = node->kind == TREE_MAP ? json_object() : json_array();
  for (const tree_node_t *child = node->first; value != NULL && child != NULL; child = child->next) {
    json_t *member = json_of(child);
    int failed = node->kind == TREE_MAP ? json_object_set_new(value, child->key, member)
                                        : json_array_append_new(value, member);
    if (failed != 0) {
      json_decref(value);
      value = NULL;
    }
  }
  return value;
}

/* Every value of a public key is a text. The tree's depth is bounded. */
static json_t *json_of(const tree_node_t *node) /* NOLINT(misc-no-recursion) */
{
  return node->kind == TREE_SCALAR ? json_string(node->text) : json_of_children(node);
}

static bool has_private_half(const tree_node_t *key)
{
  return tree_child(key, "d") != NULL || tree_child(key, "k") != NULL;
}

static const char *key_set(build_t *build, const tree_node_t *node)
{
  const tree_node_t *jwks = tree_child(node, "jwks");
  const tree_node_t *keys = tree_child(jwks, "keys");
  if (jwks == NULL || jwks->kind != TREE_MAP)
    return NULL;
  if (keys == NULL || keys->kind != TREE_LIST || keys->count == 0) {
    problems_add(build->problems, jwks, NULL, "has no keys, allowed: {keys: [{kty: …}, …]}");
    return NULL;
  }
  for (const tree_node_t *key = keys->first; key != NULL; key = key->next)
    if (tree_child(key, "kty") == NULL)
      problems_add(build->problems, key, NULL, "is no key, allowed: a JSON Web Key, which has kty");
    else if (has_private_half(key))
      problems_add(build->problems, key, NULL,
                   "has a private or secret member, allowed: the public half alone; make a new key, this one "
                   "has been seen");
  CLEANUP(json_drop) json_t *value = json_of(jwks);
  const char *text = value != NULL ? json_print(build->problems->arena, value, NULL) : NULL;
  build->problems->out_of_memory |= text == NULL;
  return text;
}

/* --- exactly what the method needs --- */

typedef struct need {
  const char *member;
  unsigned methods; /* bits of those that take it */
  bool required;
} need_t;

#define METHOD_BIT(method) (1U << (method))
#define SECRET_METHODS (METHOD_BIT(CLIENT_SECRET_BASIC) | METHOD_BIT(CLIENT_SECRET_POST))
#define ASSERTION_METHODS METHOD_BIT(CLIENT_PRIVATE_KEY_JWT)
#define KEY_METHODS (ASSERTION_METHODS | METHOD_BIT(CLIENT_SELF_SIGNED_TLS))
#define NAME_METHODS METHOD_BIT(CLIENT_TLS)

static void check_needs(build_t *build, const tree_node_t *node, client_method_t method)
{
  static const need_t needs[] = {{"client_secret_file", SECRET_METHODS, true},
                                 {"jwks", KEY_METHODS, false},
                                 {"jwks_uri", KEY_METHODS, false},
                                 {"token_endpoint_auth_signing_alg", ASSERTION_METHODS, false},
                                 {"client_assertion_audience", ASSERTION_METHODS, false},
                                 {"tls_client_auth_subject_dn", NAME_METHODS, false},
                                 {"tls_client_auth_san_dns", NAME_METHODS, false},
                                 {"tls_client_auth_san_uri", NAME_METHODS, false},
                                 {"tls_client_auth_san_ip", NAME_METHODS, false},
                                 {"tls_client_auth_san_email", NAME_METHODS, false}};
  for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
    bool there = tree_child(node, needs[i].member) != NULL;
    bool takes = (needs[i].methods & METHOD_BIT(method)) != 0;
    if (there && !takes)
      problems_add(build->problems, node, needs[i].member, "is not for %s, allowed: leave it out",
                   method == CLIENT_NONE ? "public clients" : client_method_name(method));
    else if (!there && takes && needs[i].required)
      problems_add(build->problems, node, needs[i].member, "is missing, %s needs it",
                   client_method_name(method));
  }
  bool keys = tree_child(node, "jwks") != NULL, address = tree_child(node, "jwks_uri") != NULL;
  if ((KEY_METHODS & METHOD_BIT(method)) != 0 && keys == address)
    problems_add(build->problems, node, "jwks",
                 keys ? "and jwks_uri say the same, keep one" : "is missing, %s needs it, or jwks_uri",
                 client_method_name(method));
}

client_method_t build_credential(build_t *build, const tree_node_t *node, config_credential_t *ret_credential)
{
  client_method_t method;
  if (read_method(build, node, &method))
    check_needs(build, node, method);
  *ret_credential = (config_credential_t){
      .secret_file = build_path(build, build_text(node, ROW "client_secret_file")),
      .jwks = key_set(build, node),
      .jwks_uri = build_text(node, ROW "jwks_uri"),
      .algorithm = build_text(node, ROW "token_endpoint_auth_signing_alg"),
      .certificate = {.subject_dn = build_text(node, ROW "tls_client_auth_subject_dn"),
                      .san_dns = build_text(node, ROW "tls_client_auth_san_dns"),
                      .san_uri = build_text(node, ROW "tls_client_auth_san_uri"),
                      .san_ip = build_text(node, ROW "tls_client_auth_san_ip"),
                      .san_email = build_text(node, ROW "tls_client_auth_san_email")},
      .token_endpoint_named = strcmp(build_text(node, ROW "client_assertion_audience"), "issuer") != 0,
  };
  return method;
}
