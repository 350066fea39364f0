/* A certification authority for attestation certificates that are made for the occasion, good or subtly
 * wrong. */
#ifndef SEKISHO_TESTS_ATTESTATION_CA_H
#define SEKISHO_TESTS_ATTESTATION_CA_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/arena.h"

typedef enum certificate_fault {
  CERTIFICATE_GOOD,
  CERTIFICATE_VERSION_1,
  CERTIFICATE_NO_COUNTRY,
  CERTIFICATE_LONG_COUNTRY,
  CERTIFICATE_NO_ORGANISATION,
  CERTIFICATE_NO_UNIT,
  CERTIFICATE_OTHER_UNIT,
  CERTIFICATE_NO_NAME,
  CERTIFICATE_IS_CA,
  CERTIFICATE_NO_BASIC_CONSTRAINTS,
  CERTIFICATE_AAGUID_MATCHES, /* good: the extension is there, and right */
  CERTIFICATE_AAGUID_DIFFERS,
  CERTIFICATE_AAGUID_CRITICAL,
  CERTIFICATE_EXPIRED,
  CERTIFICATE_NOT_YET_VALID,
  CERTIFICATE_OTHER_CURVE, /* its key is P-384, statements still say ES256 */
  CERTIFICATE_OTHER_ROOT,  /* issued by a root that nobody trusts */
  CERTIFICATE_DIGIT_COUNTRY,
  CERTIFICATE_TWO_UNITS,
  CERTIFICATE_AAGUID_BARE, /* not wrapped in a second OCTET STRING */
  CERTIFICATE_AAGUID_SHORT,
  CERTIFICATE_AAGUID_TWICE,
  CERTIFICATE_DEVICE, /* good: firmware version and serial number are there, and right */
  CERTIFICATE_FIRMWARE_CRITICAL,
  CERTIFICATE_FIRMWARE_NEGATIVE,
  CERTIFICATE_FIRMWARE_OCTETS,
  CERTIFICATE_SERIAL_CRITICAL,
  CERTIFICATE_CONSTRAINTS_TWICE,
  CERTIFICATE_EXPLICIT_CURVE, /* P-256 by its numbers */
  CERTIFICATE_HUGE_OID,       /* good: an extension that nobody knows, with an OID of 6 kB */
  CERTIFICATE_CROWDED,        /* hundreds of extensions */
  CERTIFICATE_CROWDED_VALUE,  /* one extension, thousands of elements in it */
  CERTIFICATE_FAULT_COUNT
} certificate_fault_t;

typedef enum chain_fault {
  CHAIN_GOOD,         /* the leaf alone */
  CHAIN_INTERMEDIATE, /* good: leaf and intermediate */
  CHAIN_INTERMEDIATE_EXPIRED,
  CHAIN_WITH_ROOT,
  CHAIN_REVERSED,  /* intermediate, leaf */
  CHAIN_DUPLICATE, /* leaf, leaf */
  CHAIN_FIFTY,
  CHAIN_HUGE, /* an element of 60 kB */
  CHAIN_EMPTY,
  CHAIN_TRAILING, /* a byte behind the leaf's DER */
  CHAIN_EIGHT,    /* good: as many as there may be */
  CHAIN_NINE,
  CHAIN_SKIPPED,   /* leaf and root; the one between them is missing */
  CHAIN_UNRELATED, /* leaf, and a CA that did not issue it */
  CHAIN_ISSUER_NOT_CA,
  CHAIN_ISSUER_WITHOUT_CONSTRAINTS,
  CHAIN_ISSUER_MAY_NOT_SIGN, /* its key usage is another */
  CHAIN_ISSUER_OTHER_KEY,    /* its name is right, the signature is of another key */
  CHAIN_ISSUER_NOT_YET_VALID,
  CHAIN_PATH_LENGTH_ENOUGH, /* good: one below, and one is allowed */
  CHAIN_PATH_LENGTH_EXCEEDED,
  CHAIN_PATH_LENGTH_UNREAD,         /* exceeded, beside an extension that OpenSSL cannot read */
  CHAIN_ISSUER_MAY_NOT_SIGN_UNREAD, /* the same */
  CHAIN_NAME_CONSTRAINED,           /* good in itself; no path to a root for the leaf's name */
  CHAIN_ISSUER_HUGE_RSA,            /* 16384 bits */
  CHAIN_ISSUER_RSA_EXPONENT,        /* as long as the modulus */
  CHAIN_ISSUER_EXPLICIT_CURVE,
  CHAIN_ISSUER_X25519, /* no algorithm of signatures */
  CHAIN_ISSUER_SIGNS_BY_MD5,
  CHAIN_ROOT_TWICE,
  CHAIN_FULL,    /* good: eight, each with about as many elements as there may be */
  CHAIN_CROWDED, /* eight, each with hundreds of extensions */
  CHAIN_FAULT_COUNT
} chain_fault_t;

typedef struct attestation_ca attestation_ca_t;

#define SOFT_CHAIN_MAX 50

/* Changes a part before it is signed, for fuzzing: "tbs" (of the leaf certificate), "keyDescription",
 * "nonce", "pubArea", "certInfo", "header", "payload". Gives back bytes in the arena, or those that it got.
 */
typedef struct soft_bend {
  bytes_t (*part)(void *context, arena_t *arena, const char *name, bytes_t bytes);
  void *context;
} soft_bend_t;
bytes_t soft_bend(const soft_bend_t *bend, arena_t *arena, const char *name, bytes_t bytes); /* NULL: not */

typedef struct soft_chain {
  bytes_t certificates[SOFT_CHAIN_MAX]; /* DER, in the arena */
  size_t count;
  EVP_PKEY *key; /* of the leaf; owned: EVP_PKEY_free */
} soft_chain_t;

attestation_ca_t *attestation_ca_new(void);
void attestation_ca_free(attestation_ca_t *ca);
/* The root's certificate, NUL-terminated PEM; lives as long as the CA. */
const char *attestation_ca_root_pem(const attestation_ca_t *ca);
/* Any certificate as PEM, in the arena. */
const char *certificate_pem(arena_t *arena, bytes_t der);
typedef struct soft_extension {
  const char *oid;
  bool critical;
  bytes_t value; /* DER */
} soft_extension_t;

/* What a leaf certificate says beside the certification authority's part. */
typedef struct soft_leaf {
  EVP_PKEY *key; /* borrowed */
  bytes_t aaguid;
  certificate_fault_t fault;
  bool empty_subject;
  const soft_bend_t *bend; /* NULL: none */
  soft_extension_t extensions[4];
  size_t extension_count;
} soft_leaf_t;

/* The chain's key stays NULL: it is the caller's. */
void attestation_ca_certify(const attestation_ca_t *ca, arena_t *arena, const soft_leaf_t *leaf,
                            chain_fault_t chain, soft_chain_t *ret_chain);
/* The same for packed and fido-u2f, with a new key. */
void attestation_ca_issue(const attestation_ca_t *ca, arena_t *arena, bytes_t aaguid,
                          certificate_fault_t fault, chain_fault_t chain, const soft_bend_t *bend,
                          soft_chain_t *ret_chain);

/* The fault of that name: "version-1" is CERTIFICATE_VERSION_1, and so on; -1 when there is none. */
int certificate_fault_parse(const char *name);
int chain_fault_parse(const char *name);

#endif
