/* The service graph, workload issuers and trusts: nothing is granted by them in this version, but what they
 * say must hold together already. */
#include <string.h>

#include "config/build.h"

static const tree_node_t *find_by_member(const tree_node_t *list, const char *member, const char *text)
{
  if (list == NULL || list->kind != TREE_LIST || text == NULL)
    return NULL;
  for (const tree_node_t *node = list->first; node != NULL; node = node->next) {
    const tree_node_t *child = tree_child(node, member);
    if (child != NULL && child->kind == TREE_SCALAR && strcmp(child->text, text) == 0)
      return node;
  }
  return NULL;
}

/* {ledger: [ledger.write]}: every service is there and offers every scope. */
static void check_asks(build_t *build, const tree_node_t *services, const tree_node_t *asks)
{
  if (asks == NULL || asks->kind != TREE_MAP)
    return;
  for (const tree_node_t *by_service = asks->first; by_service != NULL; by_service = by_service->next) {
    const tree_node_t *service = find_by_member(services, "id", by_service->key);
    if (service == NULL) {
      problems_add(build->problems, by_service, NULL, "is no service, allowed: an id below services");
      continue;
    }
    for (const tree_node_t *scope = by_service->first; scope != NULL; scope = scope->next)
      if (scope->kind == TREE_SCALAR && tree_child(tree_child(service, "offers"), scope->text) == NULL)
        problems_add(build->problems, scope, NULL,
                     "\"%.64s\" is not offered by %.32s, allowed: what it offers", scope->text,
                     by_service->key);
  }
}

static void check_service(build_t *build, const tree_node_t *domain_node, const tree_node_t *node)
{
  const tree_node_t *services = node->parent;
  const tree_node_t *id = tree_child(node, "id"), *offers = tree_child(node, "offers");
  const tree_node_t *identity = tree_child(node, "identity");
  const tree_node_t *issuer = tree_child(identity, "issuer"), *claims = tree_child(identity, "claims");
  if (id != NULL && find_by_member(services, "id", id->text) != node && id->kind == TREE_SCALAR)
    problems_add(build->problems, id, NULL, "is given twice, allowed: one service of each id");
  if (issuer != NULL && issuer->kind == TREE_SCALAR &&
      find_by_member(tree_child(domain_node, "workload_issuers"), "issuer", issuer->text) == NULL)
    problems_add(build->problems, issuer, NULL,
                 "is no workload issuer, allowed: an issuer below workload_issuers");
  if (claims != NULL && claims->kind == TREE_MAP && claims->count == 0)
    problems_add(build->problems, claims, NULL,
                 "is empty and would match every workload, allowed: at least sub");
  check_asks(build, services, tree_child(node, "own"));
  for (const tree_node_t *offer = offers != NULL && offers->kind == TREE_MAP ? offers->first : NULL;
       offer != NULL; offer = offer->next)
    check_asks(build, services, offer);
}

static void check_workload_issuer(build_t *build, const tree_node_t *node)
{
  const tree_node_t *issuer = tree_child(node, "issuer");
  if ((tree_child(node, "jwks_file") != NULL) == (tree_child(node, "jwks_uri") != NULL))
    problems_add(build->problems, node, NULL,
                 "needs its keys from one place, allowed: jwks_file or jwks_uri");
  if (issuer != NULL && issuer->kind == TREE_SCALAR &&
      find_by_member(node->parent, "issuer", issuer->text) != node)
    problems_add(build->problems, issuer, NULL, "is given twice, keep one");
}

void build_check_services(build_t *build, const tree_node_t *domain_node)
{
  const tree_node_t *services = tree_child(domain_node, "services");
  const tree_node_t *issuers = tree_child(domain_node, "workload_issuers");
  if (services != NULL && services->kind == TREE_LIST)
    for (const tree_node_t *node = services->first; node != NULL; node = node->next)
      check_service(build, domain_node, node);
  if (issuers != NULL && issuers->kind == TREE_LIST)
    for (const tree_node_t *node = issuers->first; node != NULL; node = node->next)
      check_workload_issuer(build, node);
}

static void check_trusted(build_t *build, const tree_node_t *root, const tree_node_t *node,
                          const config_domain_t *domain)
{
  const tree_node_t *name = tree_child(node, "domain");
  bool elsewhere = tree_child(node, "issuer") != NULL;
  if ((name != NULL) == elsewhere)
    problems_add(build->problems, node, NULL, "needs one to trust, allowed: domain, or issuer with jwks_uri");
  else if (elsewhere && tree_child(node, "jwks_uri") == NULL)
    problems_add(build->problems, node, "jwks_uri", "is missing, allowed: where the issuer's keys are");
  if (name == NULL || name->kind != TREE_SCALAR)
    return;
  if (strcmp(name->text, domain->id.text) == 0)
    problems_add(build->problems, name, NULL, "is this domain itself, allowed: another one");
  else if (find_by_member(tree_child(root, "domains"), "id", name->text) == NULL)
    problems_add(build->problems, name, NULL, "is no domain of this file, allowed: another one's id");
}

static void check_trust(build_t *build, const tree_node_t *root, const tree_node_t *node,
                        const config_domain_t *domain)
{
  const tree_node_t *scopes = tree_child(node, "scopes"), *acr = tree_child(node, "max_acr");
  check_trusted(build, root, node, domain);
  for (const tree_node_t *scope = scopes != NULL ? scopes->first : NULL; scope != NULL; scope = scope->next)
    if (scope->kind == TREE_SCALAR && config_find_scope(domain, bytes_of_string(scope->text)) == NULL)
      problems_add(build->problems, scope, NULL,
                   "\"%.64s\" is no scope of this domain, allowed: those below scopes", scope->text);
  if (acr != NULL && acr->kind == TREE_SCALAR &&
      level_find(&build->config->levels, bytes_of_string(acr->text)) < 0)
    problems_add(build->problems, acr, NULL, "level \"%.64s\" is unknown, allowed: a level's name",
                 acr->text);
}

void build_check_trusts(build_t *build, const tree_node_t *root, const tree_node_t *domain_node,
                        const config_domain_t *domain)
{
  const tree_node_t *trusts = tree_child(domain_node, "trusts");
  if (trusts == NULL || trusts->kind != TREE_LIST)
    return;
  for (const tree_node_t *node = trusts->first; node != NULL; node = node->next)
    check_trust(build, root, node, domain);
}
