/* The keys of a case's `policy`: which are read, which are leniencies that are not granted. */
#ifndef SEKISHO_CLI_VERIFY_POLICY_H
#define SEKISHO_CLI_VERIFY_POLICY_H

#include "base/json.h"

/* Says in note which keys had no part in the verdict, so that a mistyped one is noticed; leaves it alone when
 * there are none. policy may be NULL. */
void verify_policy_note(const json_t *policy, error_detail_t *note);

#endif
