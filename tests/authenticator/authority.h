/* Inside of the software authenticator: one certification authority. */
#ifndef SEKISHO_TESTS_AUTHORITY_H
#define SEKISHO_TESTS_AUTHORITY_H

#include "attestation_ca.h"

#define TIME_PAST "200101000000Z"
#define TIME_FUTURE "491231000000Z"

typedef enum authority_key {
  AUTHORITY_KEY_P256,
  AUTHORITY_KEY_RSA,      /* 2048 bits */
  AUTHORITY_KEY_HUGE_RSA, /* this and the next two cannot sign */
  AUTHORITY_KEY_RSA_EXPONENT,
  AUTHORITY_KEY_X25519,
  AUTHORITY_KEY_EXPLICIT_CURVE,
} authority_key_t;

/* What its certificate says. NULL: what a CA's should say. */
typedef struct authority_spec {
  const char *basic_constraints, *key_usage; /* as openssl.cnf writes them; "": none */
  bool names_others_only;                    /* its nameConstraints permit the organisation "Nobody" alone */
  bool has_unreadable;                       /* an authorityKeyIdentifier that is no DER */
  const char *from, *to;
  authority_key_t key;
  bool signs_with_other_key, signs_by_md5;
  unsigned extensions; /* so many more, that nobody knows */
} authority_spec_t;

typedef struct authority {
  EVP_PKEY *key;
  bool signs_by_md5;
  X509 *certificate;
} authority_t;

/* issuer NULL: signs itself. */
authority_t authority_new(const char *name, const authority_spec_t *spec, const authority_t *issuer);
void authority_done(authority_t *authority);

X509 *certificate_new(EVP_PKEY *key, long serial, const char *from, const char *to);
void certificate_add_name(X509_NAME *name, const char *field, const char *value);
void certificate_add_extension(X509 *certificate, int nid, const char *value);
void certificate_add_raw_extension(X509 *certificate, const soft_extension_t *extension);
/* count extensions that nobody knows, each with an OID of its own. */
void certificate_crowd(X509 *certificate, unsigned count);
void certificate_sign(X509 *certificate, const authority_t *issuer);
bytes_t certificate_der(arena_t *arena, X509 *certificate);
/* Its DER with a body that is bent, signed as before; bend NULL: as it is. */
bytes_t certificate_der_bent(arena_t *arena, X509 *certificate, const authority_t *issuer,
                             const soft_bend_t *bend);

#endif
