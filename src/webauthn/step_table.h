/* STEP_ROW(id, slug, step of §7.1, step of §7.2, what it asks), by the Candidate Recommendations of Level 3
 * that give crossOrigin a step of its own. Included by step.h and step.c only; in the order in which the
 * ceremonies take them. Slugs are part of the outside: add, never rename. */
STEP_ROW(NONE, "none", 0, 0, "nothing was refused")
STEP_ROW(RESPONSE, "response", 3, 3, "the response has the members that its type asks for")
STEP_ROW(ALLOW_CREDENTIALS, "allow-credentials", 0, 5,
         "the credential is one of those that the request allowed")
STEP_ROW(USER, "user", 0, 6, "the user is identified and owns the credential")
STEP_ROW(CLIENT_DATA_JSON, "client-data-json", 6, 9, "the client data is JSON")
STEP_ROW(TYPE, "type", 7, 10, "type is that of this ceremony")
STEP_ROW(CHALLENGE, "challenge", 8, 11, "challenge is the one that was sent")
STEP_ROW(ORIGIN, "origin", 9, 12, "origin is an expected one")
STEP_ROW(CROSS_ORIGIN, "cross-origin", 10, 13, "embedding in foreign pages is expected")
STEP_ROW(TOP_ORIGIN, "top-origin", 11, 14, "the embedding page is an expected one")
STEP_ROW(ATTESTATION_OBJECT, "attestation-object", 13, 0,
         "the attestation object is CBOR with fmt, authData and attStmt")
STEP_ROW(AUTHENTICATOR_DATA, "authenticator-data", 13, 7, "the authenticator data has the form of §6.1")
STEP_ROW(RP_ID_HASH, "rp-id-hash", 14, 15, "rpIdHash is the hash of the RP ID")
STEP_ROW(USER_PRESENT, "user-present", 15, 16, "the user was present")
STEP_ROW(USER_VERIFIED, "user-verified", 16, 17, "the user was verified, when that is required")
STEP_ROW(BACKUP_FLAGS, "backup-flags", 17, 18, "a credential that is not backup eligible is not backed up")
STEP_ROW(BACKUP_ELIGIBILITY, "backup-eligibility", 18, 19,
         "the credential may be backed up as it is, and that has not changed against the rules")
STEP_ROW(ALGORITHM, "algorithm", 20, 0, "the key's algorithm is one of those offered")
STEP_ROW(EXTENSIONS, "extensions", 21, 20, "the extension outputs are as expected")
STEP_ROW(ATTESTATION_FORMAT, "attestation-format", 22, 0,
         "the attestation statement format is a supported one")
STEP_ROW(ATTESTATION_STATEMENT, "attestation-statement", 23, 0,
         "the attestation statement is right by its format's procedure")
STEP_ROW(ATTESTATION_TRUST, "attestation-trust", 25, 0, "the attestation is trustworthy")
STEP_ROW(CREDENTIAL_ID, "credential-id", 26, 0, "the credential id is short enough and the same everywhere")
STEP_ROW(SIGNATURE, "signature", 0, 22, "the signature verifies with the stored key")
STEP_ROW(SIGN_COUNT, "sign-count", 0, 23, "the signature counter has grown")
