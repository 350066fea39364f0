#include "rp/offer.h"

#include <string.h>

#include "crypto/signature_algorithm.h"

static bool level_needs_vouching(const config_t *config, requirement_t requirement)
{
  const level_table_t *levels = &config->levels;
  if (requirement.level < 0 || (size_t)requirement.level >= levels->count)
    return false;
  const level_t *level = &levels->levels[requirement.level];
  return level->attested_hardware || authenticator_rule_needs_vouching(&level->authenticators);
}

/* Somewhere in the domain a passkey without attestation gets nobody further. */
static bool domain_needs_vouching(const config_t *config, const config_domain_t *domain)
{
  bool needs = authenticator_rule_needs_vouching(&domain->authenticators) ||
               level_needs_vouching(config, domain->entry);
  for (size_t i = 0; i < domain->scope_count; i++)
    needs = needs || level_needs_vouching(config, domain->scopes[i].requirement);
  for (size_t i = 0; i < domain->route_count; i++)
    needs = needs || level_needs_vouching(config, domain->routes[i].requirement);
  for (size_t i = 0; i < domain->client_count; i++)
    needs = needs || level_needs_vouching(config, domain->clients[i].requirement);
  return needs;
}

/* Attestation costs a question in some browsers, so it is asked for only where something here can judge it
 * and somebody wants to know. */
static const char *usual_attestation(const config_t *config)
{
  const config_rp_t *rp = &config->rp;
  bool can_judge = rp->trust_roots != NULL || rp->metadata.file != NULL || rp->metadata.url != NULL ||
                   rp->metadata.statements != NULL;
  if (strcmp(rp->attestation, "none") != 0 || !can_judge)
    return rp->attestation;
  for (size_t i = 0; i < config->domain_count; i++)
    if (domain_needs_vouching(config, &config->domains[i]))
      return "direct";
  return rp->attestation;
}

error_code_t offer_make(const config_t *config, offer_t *ret_offer, error_detail_t *detail)
{
  const text_list_t *names = &config->rp.algorithms;
  offer_t offer = {.attestation = usual_attestation(config),
                   .attestation_required = authenticator_rule_needs_vouching(&config->rp.authenticators) ||
                                           config->rp.require_metadata};
  for (size_t i = 0; i < names->count && i < OFFER_ALGORITHMS_MAX; i++) {
    const signature_info_t *info = NULL;
    error_detail_t why;
    if (signature_find(names->items[i], &info, &why) != ERR_NONE)
      return error_because(detail, ERR_CONFIG, "rp.algorithms: %s, allowed: algorithms that it has",
                           why.text);
    offer.algorithms[offer.algorithm_count++] = info->algorithm;
  }
  *ret_offer = offer;
  return ERR_NONE;
}

const char *offer_attestation(const offer_t *offer, const char *wanted)
{
  bool enough = strcmp(wanted, "direct") == 0 || strcmp(wanted, "enterprise") == 0;
  return offer->attestation_required && !enough ? "direct" : wanted;
}
