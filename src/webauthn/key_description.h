/* What Android's keystore says of a key in its certificate: the KeyDescription extension (Android key
 * attestation, of Keymaster 2 to 4.1, versions 1 to 4, and of KeyMint, 100 to 400: the members asked for are
 * the same in all), as far as WebAuthn L3 §8.4 asks for it. */
#ifndef SEKISHO_WEBAUTHN_KEY_DESCRIPTION_H
#define SEKISHO_WEBAUTHN_KEY_DESCRIPTION_H

#include "base/bytes.h"

#define KEY_DESCRIPTION_OID "1.3.6.1.4.1.11129.2.1.17"

/* An AuthorizationList. */
typedef struct key_authorizations {
  uint32_t purposes; /* bit n: purpose n is in the list's set */
  bool has_purpose, has_origin, all_applications;
  int64_t origin;
} key_authorizations_t;

enum { KEY_PURPOSE_SIGN = 2, KEY_ORIGIN_GENERATED = 0 }; /* KM_PURPOSE_SIGN, KM_ORIGIN_GENERATED */

typedef struct key_description {
  bytes_t challenge;
  key_authorizations_t software, hardware; /* softwareEnforced; teeEnforced or hardwareEnforced */
} key_description_t;

/* The extension's value, nothing behind it. ERR_ATTESTATION_CERTIFICATE for any other form; members that §8.4
 * does not ask for are passed over. */
MUST_USE error_code_t key_description_parse(bytes_t der, key_description_t *ret_description);

#endif
