#include "policy/level.h"

#include <string.h>

static const level_table_t builtin = {
    .levels = {{.name = LEVEL_PRESENCE},
               {.name = LEVEL_PHISHING_RESISTANT, .user_verified = true},
               {.name = LEVEL_PHISHING_RESISTANT_HARDWARE,
                .user_verified = true,
                .device_bound = true,
                .attested_hardware = true}},
    .count = 3,
};

const level_table_t *level_table_builtin(void)
{
  return &builtin;
}

int level_find(const level_table_t *table, bytes_t name)
{
  for (size_t i = 0; i < table->count; i++)
    if (bytes_equal_string(name, table->levels[i].name))
      return (int)i;
  return -1;
}

bool level_implies(const level_t *stronger, const level_t *weaker)
{
  return (stronger->user_verified || !weaker->user_verified) &&
         (stronger->device_bound || !weaker->device_bound) &&
         (stronger->attested_hardware || !weaker->attested_hardware) &&
         authenticator_rule_implies(&stronger->authenticators, &weaker->authenticators);
}

bool level_needs_vouching(const level_t *level)
{
  return level->attested_hardware || authenticator_rule_needs_vouching(&level->authenticators);
}

static bool level_holds(const level_t *level, const evidence_t *evidence)
{
  return (!level->user_verified || evidence->user_verified) &&
         (!level->device_bound || evidence_is_device_bound(evidence)) &&
         (!level->attested_hardware || evidence->attested_hardware) &&
         authenticator_rule_judge(&level->authenticators, &evidence->authenticator) == OBJECTION_NONE;
}

int level_of(const level_table_t *table, const evidence_t *evidence)
{
  int held = -1;
  if (!evidence->user_present)
    return held;
  for (size_t i = 0; i < table->count; i++)
    if (level_holds(&table->levels[i], evidence))
      held = (int)i;
  return held;
}
