/* Whose credential is it, and who is logging in (WebAuthn L3 §7.2 step 6): decided here and nowhere else. */
#ifndef SEKISHO_WEBAUTHN_OWNERSHIP_H
#define SEKISHO_WEBAUTHN_OWNERSHIP_H

#include "base/bytes.h"

typedef enum ownership {
  OWNERSHIP_PROVEN,
  OWNERSHIP_FOREIGN_CREDENTIAL, /* the credential belongs to another than the identified user */
  OWNERSHIP_OTHER_HANDLE,       /* the response names another user than the credential's owner */
  OWNERSHIP_UNIDENTIFIED,       /* nobody says who the user is */
} ownership_t;

/* identified: the user handle known before the ceremony, or none. claimed: the response's userHandle, or
 * none. owner: the stored credential's; none owns nothing. optional: nobody need say who the user is (offline
 * checks). */
ownership_t ownership_decide(bytes_t identified, bytes_t claimed, bytes_t owner, bool optional);
const char *ownership_words(ownership_t ownership);

#endif
