#include "webauthn/ownership.h"

ownership_t ownership_decide(bytes_t identified, bytes_t claimed, bytes_t owner, bool optional)
{
  bool is_identified = identified.len > 0, is_claimed = claimed.len > 0, is_owned = owner.len > 0;
  if (is_identified && !(is_owned && bytes_equal(identified, owner)))
    return OWNERSHIP_FOREIGN_CREDENTIAL;
  if (is_claimed && !(is_owned && bytes_equal(claimed, owner)))
    return OWNERSHIP_OTHER_HANDLE;
  if (!is_identified && !is_claimed && !optional)
    return OWNERSHIP_UNIDENTIFIED;
  return OWNERSHIP_PROVEN;
}

const char *ownership_words(ownership_t ownership)
{
  switch (ownership) {
  case OWNERSHIP_PROVEN:
    return "the user owns the credential";
  case OWNERSHIP_FOREIGN_CREDENTIAL:
    return "the credential is not one of the identified user";
  case OWNERSHIP_OTHER_HANDLE:
    return "userHandle is not that of the credential's owner";
  case OWNERSHIP_UNIDENTIFIED:
    return "nobody was identified, and userHandle is missing";
  }
  return "undecided";
}
