/* Status reports (FIDO Metadata Service §3.1.3, §3.1.4): what an authenticator model's history says today. */
#ifndef SEKISHO_METADATA_METADATA_STATUS_H
#define SEKISHO_METADATA_METADATA_STATUS_H

#include "base/json.h"
#include "policy/authenticator.h"
#include "webauthn/attestation.h"

typedef enum metadata_status {
  STATUS_UNKNOWN, /* the list grows; ignored, as the standard asks */
  STATUS_NOT_FIDO_CERTIFIED,
  STATUS_SELF_ASSERTION_SUBMITTED,
  STATUS_FIDO_CERTIFIED, /* the old scheme, which L1 replaced by a stricter one: no level */
  STATUS_FIDO_CERTIFIED_L1,
  STATUS_FIDO_CERTIFIED_L1PLUS,
  STATUS_FIDO_CERTIFIED_L2,
  STATUS_FIDO_CERTIFIED_L2PLUS,
  STATUS_FIDO_CERTIFIED_L3,
  STATUS_FIDO_CERTIFIED_L3PLUS,
  STATUS_UPDATE_AVAILABLE,
  STATUS_RETIRED,
  STATUS_USER_VERIFICATION_BYPASS,
  STATUS_ATTESTATION_KEY_COMPROMISE,
  STATUS_USER_KEY_REMOTE_COMPROMISE,
  STATUS_USER_KEY_PHYSICAL_COMPROMISE,
  STATUS_REVOKED,
} metadata_status_t;

/* The standard's name. */
const char *metadata_status_name(metadata_status_t status);
metadata_status_t metadata_status_parse(bytes_t name);

#define DATE_NONE INT64_MIN

/* "2026-01-05", the first millisecond of that day in UTC. ERR_MALFORMED for anything else. */
MUST_USE error_code_t metadata_date_parse(bytes_t text, int64_t *ret_ms);

typedef struct metadata_report {
  metadata_status_t status;
  int64_t effective_ms; /* DATE_NONE: as long as it is there */
  int64_t sunset_ms;    /* of a certification; DATE_NONE: never */
  bytes_t certificate;  /* DER; of the batch that the report is about; empty: of the whole model */
} metadata_report_t;

/* What the reports come to at a time. */
typedef struct metadata_standing {
  certification_t certification; /* none for a model with a security problem */
  metadata_status_t problem;     /* the gravest security status in effect; STATUS_UNKNOWN: none */
  bool retired;                  /* by its vendor */
} metadata_standing_t;

/* chain may be NULL: nothing is known of the batch, and what is about one counts.
 *
 * The latest report is the current one. REVOKED stays whatever follows. Every other security status stays
 * until a report with a strictly later date says that an update or a certification answers it; one without a
 * date stays as long as it is there. A security status counts from the moment it is published, a
 * certification from its effective date to its sunset. */
metadata_standing_t metadata_standing(const metadata_report_t *reports, size_t count,
                                      const attestation_chain_t *chain, int64_t time_ms);

#endif
