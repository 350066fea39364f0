/* The service graph, workload issuers and trusts. */
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

/* A star looks like a wildcard and is none: whoever writes one means something else. */
static void check_rules(build_t *build, const tree_node_t *claims)
{
  for (const tree_node_t *rule = claims != NULL && claims->kind == TREE_MAP ? claims->first : NULL;
       rule != NULL; rule = rule->next)
    if (rule->kind == TREE_SCALAR && (rule->text[0] == '\0' || strchr(rule->text, '*') != NULL))
      problems_add(
          build->problems, rule, NULL,
          "is empty or has a star, which is no wildcard here, allowed: the whole value, or how it begins "
          "below claims_prefix");
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
  check_rules(build, claims);
  check_rules(build, tree_child(identity, "claims_prefix"));
  check_asks(build, services, tree_child(node, "own"));
  for (const tree_node_t *offer = offers != NULL && offers->kind == TREE_MAP ? offers->first : NULL;
       offer != NULL; offer = offer->next)
    check_asks(build, services, offer);
}

/* What every workload of the platform has is no sign of being meant for this domain. */
static bool is_usual_audience(const char *issuer, const char *audience)
{
  static const char github[] = "https://token.actions.githubusercontent.com";
  static const char owner[] = "https://github.com/", cluster[] = "https://kubernetes.default.svc";
  return strcmp(issuer, audience) == 0 || strncmp(audience, cluster, sizeof cluster - 1) == 0 ||
         (strcmp(issuer, github) == 0 && strncmp(audience, owner, sizeof owner - 1) == 0);
}

static void check_workload_issuer(build_t *build, const tree_node_t *node)
{
  const tree_node_t *issuer = tree_child(node, "issuer"), *audience = tree_child(node, "audience");
  if (issuer != NULL && audience != NULL && issuer->kind == TREE_SCALAR && audience->kind == TREE_SCALAR &&
      is_usual_audience(issuer->text, audience->text))
    problems_add(
        build->problems, audience, NULL,
        "is what tokens of this platform have by default, allowed: one that is asked for this domain "
        "alone");
  if ((tree_child(node, "jwks_file") != NULL) == (tree_child(node, "jwks_uri") != NULL))
    problems_add(build->problems, node, NULL,
                 "needs its keys from one place, allowed: jwks_file or jwks_uri");
  if (issuer != NULL && issuer->kind == TREE_SCALAR &&
      find_by_member(node->parent, "issuer", issuer->text) != node)
    problems_add(build->problems, issuer, NULL, "is given twice, keep one");
}

static void check_services(build_t *build, const tree_node_t *domain_node)
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

/* --- the structs --- */

static const config_asks_t *build_asks(build_t *build, const tree_node_t *map, size_t *ret_count)
{
  if (map == NULL || map->kind != TREE_MAP)
    return NULL;
  config_asks_t *asks = build_array(build, map->count, sizeof *asks);
  for (const tree_node_t *node = map->first; asks != NULL && node != NULL; node = node->next)
    asks[(*ret_count)++] = (config_asks_t){.service = node->key, .scopes = build_list(build, node)};
  return asks;
}

static const config_offer_t *build_offers(build_t *build, const tree_node_t *map, size_t *ret_count)
{
  if (map == NULL || map->kind != TREE_MAP)
    return NULL;
  config_offer_t *offers = build_array(build, map->count, sizeof *offers);
  for (const tree_node_t *node = map->first; offers != NULL && node != NULL; node = node->next) {
    config_offer_t *offer = &offers[(*ret_count)++];
    offer->name = node->key;
    offer->asks = build_asks(build, node, &offer->ask_count);
  }
  return offers;
}

static void add_rules(const tree_node_t *map, bool prefix, config_claim_rule_t *rules, size_t *count)
{
  for (const tree_node_t *node = map != NULL && map->kind == TREE_MAP ? map->first : NULL; node != NULL;
       node = node->next)
    if (node->kind == TREE_SCALAR)
      rules[(*count)++] = (config_claim_rule_t){node->key, node->text, prefix};
}

static const config_claim_rule_t *build_rules(build_t *build, const tree_node_t *identity, size_t *ret_count)
{
  const tree_node_t *claims = tree_child(identity, "claims"), *begins = tree_child(identity, "claims_prefix");
  size_t most = (claims != NULL ? claims->count : 0) + (begins != NULL ? begins->count : 0);
  config_claim_rule_t *rules = build_array(build, most, sizeof *rules);
  if (rules == NULL)
    return NULL;
  add_rules(claims, false, rules, ret_count);
  add_rules(begins, true, rules, ret_count);
  return rules;
}

static const config_service_t *build_service_list(build_t *build, const tree_node_t *list, size_t *ret_count)
{
  if (list == NULL || list->kind != TREE_LIST)
    return NULL;
  config_service_t *services = build_array(build, list->count, sizeof *services);
  for (const tree_node_t *node = list->first; services != NULL && node != NULL; node = node->next) {
    const tree_node_t *identity = tree_child(node, "identity");
    config_service_t *service = &services[(*ret_count)++];
    service->id = build_text(node, "domains[].services[].id");
    service->issuer = build_text(identity, "domains[].services[].identity.issuer");
    service->rules = build_rules(build, identity, &service->rule_count);
    service->offers = build_offers(build, tree_child(node, "offers"), &service->offer_count);
    service->own = build_asks(build, tree_child(node, "own"), &service->own_count);
  }
  return services;
}

static const config_workload_issuer_t *build_issuers(build_t *build, const tree_node_t *list,
                                                     size_t *ret_count)
{
  if (list == NULL || list->kind != TREE_LIST)
    return NULL;
  config_workload_issuer_t *issuers = build_array(build, list->count, sizeof *issuers);
  for (const tree_node_t *node = list->first; issuers != NULL && node != NULL; node = node->next)
    issuers[(*ret_count)++] = (config_workload_issuer_t){
        .issuer = build_text(node, "domains[].workload_issuers[].issuer"),
        .audience = build_text(node, "domains[].workload_issuers[].audience"),
        .jwks_file = build_path(build, build_text(node, "domains[].workload_issuers[].jwks_file")),
        .jwks_uri = build_text(node, "domains[].workload_issuers[].jwks_uri"),
        .max_lifetime_ms = build_duration(node, "domains[].workload_issuers[].max_lifetime")};
  return issuers;
}

void build_services(build_t *build, const tree_node_t *domain_node, config_domain_t *domain)
{
  check_services(build, domain_node);
  domain->services = build_service_list(build, tree_child(domain_node, "services"), &domain->service_count);
  domain->workload_issuers =
      build_issuers(build, tree_child(domain_node, "workload_issuers"), &domain->workload_issuer_count);
}

/* --- trusts --- */

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
