/* An approved transaction verified once more from what was kept of it, by nothing but the configuration's
 * origins and RP ID: for disputes. */
#ifndef SEKISHO_CLI_AUDIT_TRANSACTION_H
#define SEKISHO_CLI_AUDIT_TRANSACTION_H

#include "cli/operation.h"

/* `sekisho audit show --domain D --transaction ID`. */
int audit_transaction_show(operation_t *operation);

/* NULL when the record holds, else the name of the first check that fails. Pure; for tests, too. */
const char *audit_transaction_check(arena_t *arena, const config_t *config, const json_t *record);

#endif
