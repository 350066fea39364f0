#include "rp/offer.h"

#include "crypto/signature_algorithm.h"

error_code_t offer_make(const config_t *config, offer_t *ret_offer, error_detail_t *detail)
{
  const text_list_t *names = &config->rp.algorithms;
  offer_t offer = {.algorithm_count = 0};
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

bool offer_needs_attestation(const config_t *config, requirement_t requirement)
{
  const level_table_t *levels = &config->levels;
  if (authenticator_rule_needs_vouching(&config->rp.authenticators) || config->rp.require_metadata)
    return true;
  return requirement.level >= 0 && (size_t)requirement.level < levels->count &&
         level_needs_vouching(&levels->levels[requirement.level]);
}
