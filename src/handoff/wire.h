/* The words of the wire that building and parsing share. */
#ifndef SEKISHO_HANDOFF_WIRE_H
#define SEKISHO_HANDOFF_WIRE_H

#include "handoff/consents.h"
#include "handoff/events.h"
#include "handoff/logout.h"

/* Bits of an evidence's `flags`. There is none for verified_by_domain: a domain says that of evidence it has
 * verified itself, and takes nobody's word for it. */
#define WIRE_USER_PRESENT 1u
#define WIRE_USER_VERIFIED 2u
#define WIRE_BACKUP_ELIGIBLE 4u
#define WIRE_BACKED_UP 8u
#define WIRE_ATTESTED_HARDWARE 16u
#define WIRE_FLAGS_MAX 31

#define WIRE_OUTCOMES 4
extern const char *const wire_outcome_names[WIRE_OUTCOMES]; /* by handoff_outcome_t */
#define WIRE_LOGOUT_OUTCOMES 3
extern const char *const wire_logout_outcome_names[WIRE_LOGOUT_OUTCOMES]; /* by handoff_logout_outcome_t */
#define WIRE_KINDS 3
extern const char *const wire_kind_names[WIRE_KINDS]; /* by evidence_kind_t */

#endif
