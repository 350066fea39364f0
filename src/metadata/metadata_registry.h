/* Names of the FIDO Registry of Predefined Values as metadata statements use them, in bits. Case counts.
 * Unknown names set REGISTRY_UNKNOWN: the registry grows. */
#ifndef SEKISHO_METADATA_METADATA_REGISTRY_H
#define SEKISHO_METADATA_METADATA_REGISTRY_H

#include "base/bytes.h"
#include "webauthn/attestation.h"

#define REGISTRY_UNKNOWN (1U << 31)

/* attestationTypes (§3.6.3) */
enum {
  REGISTRY_BASIC_FULL = 1 << 0,
  REGISTRY_BASIC_SURROGATE = 1 << 1, /* WebAuthn's self */
  REGISTRY_ATTCA = 1 << 2,
  REGISTRY_ANONCA = 1 << 3,
  REGISTRY_ECDAA = 1 << 4,
  REGISTRY_NONE = 1 << 5,
};
/* keyProtection (§3.2) */
enum {
  REGISTRY_SOFTWARE = 1 << 0,
  REGISTRY_HARDWARE = 1 << 1,
  REGISTRY_TEE = 1 << 2,
  REGISTRY_SECURE_ELEMENT = 1 << 3,
  REGISTRY_REMOTE_HANDLE = 1 << 4,
};

uint32_t registry_attestation_type(bytes_t name);
uint32_t registry_key_protection(bytes_t name);
/* authenticationAlgorithms (§3.6.1): one bit for all that are one COSE algorithm. */
uint32_t registry_algorithm(bytes_t name);
/* The bit of a COSE algorithm; 0 when the registry has no name for it. */
uint32_t registry_algorithm_of_cose(int64_t algorithm);

#endif
