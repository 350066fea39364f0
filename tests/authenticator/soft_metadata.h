/* A metadata service made for the occasion: signs BLOBs as FIDO's does, or subtly wrong, and lists of what it
 * has revoked. */
#ifndef SEKISHO_TESTS_SOFT_METADATA_H
#define SEKISHO_TESTS_SOFT_METADATA_H

#include "base/arena.h"

#define SOFT_METADATA_NAME "mds.soft.example" /* whom the signer's certificate is for */

typedef enum metadata_fault {
  METADATA_GOOD,
  METADATA_RS256,     /* good: an RSA key signs */
  METADATA_BY_ROOT,   /* good: no certificates, the root signs */
  METADATA_WITH_ROOT, /* good: x5c ends with the root */
  METADATA_BAD_SIGNATURE,
  METADATA_OTHER_PAYLOAD, /* the signature is of another one */
  METADATA_ALG_NONE,
  METADATA_ALG_HS256,
  METADATA_ALG_OTHER, /* says RS256, the key is ES256's */
  METADATA_X5U,
  METADATA_CRIT,
  METADATA_OTHER_ROOT,
  METADATA_NO_INTERMEDIATE,
  METADATA_NO_CERTIFICATES, /* and yet the leaf signs */
  METADATA_EXPIRED_LEAF,
  METADATA_EXPIRED_INTERMEDIATE,
  METADATA_LEAF_IS_NO_CA, /* the leaf issued another leaf, which signs */
  METADATA_OTHER_NAME,
  METADATA_GZIP,
  METADATA_JWS_JSON, /* the JSON serialization */
  METADATA_CUT,
  METADATA_FAULT_COUNT
} metadata_fault_t;

typedef enum metadata_revoked {
  METADATA_REVOKED_NONE,
  METADATA_REVOKED_LEAF,
  METADATA_REVOKED_INTERMEDIATE,
  METADATA_CRLS_EXPIRED,
  METADATA_CRLS_OF_ROOT_ALONE, /* the intermediate's is missing */
} metadata_revoked_t;

typedef struct soft_metadata soft_metadata_t;

soft_metadata_t *soft_metadata_new(void);
void soft_metadata_free(soft_metadata_t *metadata);
const char *soft_metadata_root_pem(const soft_metadata_t *metadata);
/* PEM, NUL-terminated, in the arena. */
const char *soft_metadata_crls_pem(const soft_metadata_t *metadata, arena_t *arena,
                                   metadata_revoked_t revoked);
/* The payload as it is, signed; in the arena. */
bytes_t soft_metadata_blob(const soft_metadata_t *metadata, arena_t *arena, bytes_t payload,
                           metadata_fault_t fault);

/* "good", "bad-signature" and so on; -1 when there is none. */
int metadata_fault_parse(const char *name);
/* "none", "leaf", "intermediate", "expired", "root-alone". */
int metadata_revoked_parse(const char *name);

#endif
