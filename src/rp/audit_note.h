/* What the relying party writes to the audit log: always inside the job of the change that it records. */
#ifndef SEKISHO_RP_AUDIT_NOTE_H
#define SEKISHO_RP_AUDIT_NOTE_H

#include "audit/audit.h"
#include "rp/rp.h"
#include "store/rp_user.h"
#include "webauthn/extensions.h"

typedef struct audit_note {
  int64_t time_ms;
  bytes_t actor;   /* a user's handle in base64url, or "operator"; none when nobody is known */
  bytes_t subject; /* what it was done to, when that is not the actor */
  bytes_t request;
  bytes_t detail; /* JSON object; none: {} */
} audit_note_t;

/* Made on the handler's thread; in the arena. actor may be NULL. detail is kept, not copied. */
audit_note_t audit_note_prepare(const exchange_t *exchange, const uint8_t actor[RP_USER_HANDLE_LENGTH],
                                bytes_t detail);
MUST_USE error_code_t audit_note_write(database_t *database, const audit_note_t *note, const char *event);
/* {"error":slug} or {"error":slug,"step":…} in the arena. */
bytes_t audit_note_failure(arena_t *arena, error_code_t code, const char *step);
/* `,"uvm":[[method,key protection,matcher protection],…]` in the arena, "" when the authenticator did not
 * say. */
const char *audit_note_uvm(arena_t *arena, const extension_outputs_t *outputs);

#endif
