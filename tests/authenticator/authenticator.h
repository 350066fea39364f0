/* A software authenticator for tests, with the client's part of a ceremony. Honest by default; every lie that
 * a test needs is a member of soft_knobs_t. It shares no code with what it tests but src/base. */
#ifndef SEKISHO_TESTS_AUTHENTICATOR_H
#define SEKISHO_TESTS_AUTHENTICATOR_H

#include "attestation_ca.h"
#include "base/json.h"

/* Algorithms are COSE numbers: all that OpenSSL 3.0 has. */
typedef struct soft_credential soft_credential_t;

typedef struct soft_authenticator soft_authenticator_t; /* the credentials, the attestation CA; one thread */

/* What to do otherwise than an honest authenticator and browser would. Start from SOFT_HONEST. */
typedef struct soft_knobs {
  int up, uv, be, bs, at, ed; /* 0 or 1; -1: honest */
  int reserved_flags;         /* or-ed into the flags */
  int64_t sign_count;         /* -1: counts on */
  const char *rp_id;          /* rpIdHash is of this text */
  bytes_t rp_id_hash;         /* rpIdHash itself */
  const char *type;           /* of the client data */
  bytes_t challenge;          /* base64url text */
  int cross_origin;           /* 0 or 1; -1: false */
  const char *top_origin;
  bytes_t client_data_json; /* instead of all of it; the signature covers it */
  const char *signature;    /* a fault by name: signature_faults.h */
  bool wrong_key;           /* sign with another key */
  bool user_handle_absent;
  bytes_t user_handle;
  int64_t algorithm; /* 0: the first of pubKeyCredParams that we have */
  /* As statement.c lists them: "none", "packed-self", "packed", "fido-u2f", "tpm", …; NULL: by
   * options.attestation */
  const char *format;
  const char *statement_fault; /* by name: see the format's statement_….c */
  certificate_fault_t certificate;
  chain_fault_t chain;
  int64_t statement_algorithm; /* attStmt.alg; 0: honest */
  const char *format_name;     /* fmt as it is written */
  bytes_t statement;           /* attStmt as CBOR */
  int64_t time_ms;             /* when it is, for statements that say so; 0: when the unit tests are */
  bytes_t aaguid;              /* 16 bytes */
  bytes_t credential_id;       /* of the new credential */
  bytes_t id;                  /* in the response's id and rawId, not in the authenticator data */
  const char *cose;            /* a fault of the key by name: see cose_build in authenticator.c */
  bytes_t cose_key;            /* the key's bytes themselves */
  bytes_t extensions;          /* CBOR; sets ED */
  bytes_t trailing;            /* behind the authenticator data */
  bytes_t object_trailing;     /* behind the attestation object */
  bytes_t attestation_object;  /* instead of all of it */
  bytes_t authenticator_data;  /* instead of all of it; the signature covers it */
  int64_t truncate;            /* authenticator data cut at this length; -1: not */
  bool ignore_exclude;
  const soft_bend_t *bend;   /* NULL: none */
  EVP_PKEY *attestation_key; /* android-safetynet: RSA; NULL: a new one */
} soft_knobs_t;

#define SOFT_HONEST                                                                                          \
  ((soft_knobs_t){.up = -1,                                                                                  \
                  .uv = -1,                                                                                  \
                  .be = -1,                                                                                  \
                  .bs = -1,                                                                                  \
                  .at = -1,                                                                                  \
                  .ed = -1,                                                                                  \
                  .sign_count = -1,                                                                          \
                  .cross_origin = -1,                                                                        \
                  .truncate = -1})

soft_authenticator_t *
soft_authenticator_new(void); /* ends the process when OpenSSL fails, as all of this does */
void soft_authenticator_free(soft_authenticator_t *authenticator);
CLEANUP_FUNCTION(soft_authenticator_drop, soft_authenticator_t, soft_authenticator_free)
const attestation_ca_t *soft_authenticator_ca(const soft_authenticator_t *authenticator);

/* PublicKeyCredential(Creation|Request)OptionsJSON to a response, as a new reference; NULL with the reason in
 * *ret_why (a static string) when an honest authenticator would refuse. Knobs NULL: honest. */
json_t *soft_create(soft_authenticator_t *authenticator, const json_t *options, const char *origin,
                    const soft_knobs_t *knobs, const char **ret_why);
/* credential: an id to use, none for the newest that fits. */
json_t *soft_get(soft_authenticator_t *authenticator, const json_t *options, const char *origin,
                 bytes_t credential, const soft_knobs_t *knobs, const char **ret_why);
/* [{id, rpId, userHandle, alg, signCount, publicKey}], a new reference. */
json_t *soft_list(const soft_authenticator_t *authenticator);
/* False when there is none of that id; none forgets all. */
bool soft_forget(soft_authenticator_t *authenticator, bytes_t id);

/* Below: without JSON, for tests in C and for load generators. */

/* Views given back by these live as long as the credential. */
soft_credential_t *soft_credential_new(const char *rp_id, bytes_t user_handle, int64_t algorithm);
void soft_credential_free(soft_credential_t *credential);
bytes_t soft_credential_id(const soft_credential_t *credential);
bytes_t soft_credential_cose(const soft_credential_t *credential);
bytes_t soft_credential_user_handle(const soft_credential_t *credential);
EVP_PKEY *soft_credential_key(const soft_credential_t *credential);

typedef struct soft_assertion {
  uint8_t authenticator_data[37];
  char client_data_json[1024];
  size_t client_data_length;
  uint8_t signature[1024];
  size_t signature_length;
} soft_assertion_t;

/* One signature and no more: flags are those of the authenticator data, challenge is base64url text. Any
 * thread. */
void soft_assertion_sign(const soft_credential_t *credential, bytes_t challenge, const char *origin,
                         uint8_t flags, uint32_t sign_count, soft_assertion_t *ret_assertion);

#endif
