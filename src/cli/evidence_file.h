/* The --evidence file of `sekisho policy explain`: a JSON array of evidence, as a session might hold it.
 *
 *   [{"age": "12m", "purpose": "login", "user_verified": true}]
 *
 * Members, all optional but one of time and age:
 *   time        RFC 3339, or seconds since 1970; age: how long before now ("90s", "5m", "12h", "30d")
 *   purpose     login (default), enrol, step_up, transaction; domain: the domain that the purpose names
 *   credential  any short text that tells credentials apart
 *   aaguid, attestation (none, self, basic, attca, anonca), certification (L1 to L3plus): its authenticator
 *   user_present (default true), user_verified, backup_eligible, backed_up, attested_hardware,
 *   verified_by_domain, this_request: true or false */
#ifndef SEKISHO_CLI_EVIDENCE_FILE_H
#define SEKISHO_CLI_EVIDENCE_FILE_H

#include "base/json.h"
#include "policy/evidence.h"

/* What `this_request: true` gives evidence, and a context for it: one request among many. */
extern const uint8_t evidence_file_request[16];

/* Unknown members are refused. detail says which entry is wrong and how. */
MUST_USE error_code_t evidence_file_parse(const json_t *array, int64_t now_ms, evidence_set_t *ret_evidence,
                                          error_detail_t *detail);
/* RFC 3339 or whole seconds since 1970. */
MUST_USE error_code_t evidence_file_parse_time(bytes_t text, int64_t *ret_ms);

#endif
