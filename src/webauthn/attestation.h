/* Attestation (WebAuthn L3 §6.5, §8): the object, one table of statement formats, and whether a chain is
 * trusted. */
#ifndef SEKISHO_WEBAUTHN_ATTESTATION_H
#define SEKISHO_WEBAUTHN_ATTESTATION_H

#include "base/arena.h"
#include "crypto/public_key.h"
#include "crypto/trust_roots.h"
#include "webauthn/authenticator_data.h"

#define ATTESTATION_OBJECT_MAX_LENGTH (64 * 1024)
#define ATTESTATION_CHAIN_MAX 8
#define ATTESTATION_CERTIFICATE_MAX_LENGTH (8 * 1024)

typedef enum attestation_type {
  ATTESTATION_NONE,
  ATTESTATION_SELF,
  ATTESTATION_BASIC,   /* Basic or AttCA: from the statement alone they cannot be told apart */
  ATTESTATION_ATT_CA,  /* AttCA: tpm */
  ATTESTATION_ANON_CA, /* AnonCA: apple */
} attestation_type_t;

/* "none", "self", "basic", "attca", "anonca". */
const char *attestation_type_name(attestation_type_t type);

typedef struct attestation_object {
  bytes_t format;             /* text, not checked against anything */
  bytes_t authenticator_data; /* not parsed */
  bytes_t statement;          /* attStmt as it is encoded, passed by cbor_walk */
} attestation_object_t;

/* Views into bytes. Exactly one fmt, authData and attStmt; other members are ignored; nothing may follow.
 * ERR_CBOR or ERR_ATTESTATION_OBJECT. */
MUST_USE error_code_t attestation_object_parse(bytes_t bytes, attestation_object_t *ret_object,
                                               error_detail_t *detail);

/* What a relying party decides where the formats' procedures leave it to decide. Zero is the strict choice of
 * a server, except refuse_sha1: Windows' TPMs sign with RS1. */
typedef struct attestation_rules {
  bool allow_missing_basic_constraints; /* §8.2.1, §8.3.1 */
  bool allow_u2f_aaguid;                /* fido-u2f: an AAGUID other than zero */
  bool android_hardware_only;           /* android-key: what the software's list says does not count */
  bool refuse_sha1;                     /* tpm: RS1 signatures and SHA-1 names */
  bool tpm_any_vendor;                  /* tpm: manufacturers that TCG does not list */
  bool tpm_any_name_hash;  /* tpm: attested names by another hash than nameAlg: conformance mode only */
  bool allow_safetynet;    /* android-safetynet, which Google ended: conformance mode and recorded cases */
  bool safetynet_any_time; /* its responses may be older than a minute */
} attestation_rules_t;

/* What a format's verification procedure is given. */
typedef struct attestation_input {
  arena_t *arena;
  bytes_t statement;
  const authenticator_data_t *data;
  bytes_t client_data_hash;
  bytes_t signed_data; /* authenticator data and client data hash, joined */
  const public_key_t *credential_key;
  bytes_t rp_id;
  int64_t time_ms;
  attestation_rules_t rules;
} attestation_input_t;

typedef struct attestation_chain {
  bytes_t certificates[ATTESTATION_CHAIN_MAX]; /* DER, the attestation certificate first */
  size_t count;
} attestation_chain_t;

typedef struct attestation_finding attestation_finding_t;
struct attestation_finding {
  attestation_type_t type;
  int64_t algorithm;                  /* of the statement's signature; 0: it has none */
  attestation_chain_t chain;          /* empty for none, self and compound */
  const attestation_finding_t *parts; /* compound: of its statements, in the input's arena */
  size_t part_count;
};

typedef error_code_t (*attestation_verify_fn)(const attestation_input_t *input,
                                              attestation_finding_t *ret_finding, error_detail_t *detail);
typedef struct attestation_format {
  const char *name;    /* compared whole, with case */
  bool second_opinion; /* libfido2 covers it */
  attestation_verify_fn verify;
} attestation_format_t;

/* NULL for formats that we do not verify. */
const attestation_format_t *attestation_format_find(bytes_t name);

/* The format's procedure and, where it covers the format, libfido2's: what it does not agree with is refused.
 */
MUST_USE error_code_t attestation_format_verify(const attestation_format_t *format,
                                                const attestation_input_t *input,
                                                attestation_finding_t *ret_finding, error_detail_t *detail);

/* A verified statement, as somebody outside is asked about it. Everything borrowed. */
typedef struct attestation_claim {
  bytes_t aaguid;
  const char *format; /* NULL with finding: of the credential no more is known than AAGUID and algorithm */
  const attestation_finding_t *finding;
  int64_t algorithm; /* of the credential's key, COSE */
  int64_t time_ms;
} attestation_claim_t;

/* Where trust anchors of a model come from (L3 §7.1 step 23: FIDO's metadata is one such place). Sets
 * *ret_roots to those of the claim's model, which the caller frees, or leaves it NULL when it knows none; may
 * refuse the claim. */
typedef error_code_t (*attestation_consult_fn)(void *context, const attestation_claim_t *claim,
                                               trust_roots_t **ret_roots, error_detail_t *detail);

/* What a relying party asks of an attestation beyond that it verifies. */
typedef struct attestation_trust_terms {
  attestation_consult_fn consult; /* NULL: nobody is asked */
  void *consult_context;
  const trust_roots_t *roots; /* NULL: chains are not judged and nothing is trusted */
  bool require_trusted;       /* none and self are refused then too */
  bool refuse_root_in_chain;  /* FIDO's server rule; L3 itself does not ask it */
  int64_t time_ms;            /* for the certificates' validity */
} attestation_trust_terms_t;

/* ERR_ATTESTATION_TRUST when roots are given and the chain reaches none of them, or trust is required and
 * missing. Of a compound attestation every chain must reach a root. */
MUST_USE error_code_t attestation_trust_decide(const attestation_trust_terms_t *terms,
                                               const attestation_finding_t *finding, bool *ret_trusted,
                                               error_detail_t *detail);

/* Whose roots a chain has reached, bits. */
typedef enum attestation_trust {
  ATTESTATION_UNTRUSTED = 0,
  ATTESTATION_TRUSTED_BY_ROOTS = 1, /* the terms' own */
  ATTESTATION_TRUSTED_BY_MODEL = 2, /* those that consulting gave */
  ATTESTATION_TRUSTED_BY_BOTH = 3,
} attestation_trust_t;

/* The same, with the roots of the model beside the terms' own. */
MUST_USE error_code_t attestation_trust_judge(const attestation_trust_terms_t *terms,
                                              const attestation_claim_t *claim,
                                              attestation_trust_t *ret_trust, error_detail_t *detail);

#endif
