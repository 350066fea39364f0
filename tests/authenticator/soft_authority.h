/* What every certification authority made for a test consists of. */
#ifndef SEKISHO_TESTS_SOFT_AUTHORITY_H
#define SEKISHO_TESTS_SOFT_AUTHORITY_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#define SOFT_TIME_PAST "200101000000Z"
#define SOFT_TIME_FUTURE "491231000000Z"

typedef struct soft_authority {
  EVP_PKEY *key;
  X509 *certificate;
} soft_authority_t;

/* With a new P-256 key, from SOFT_TIME_PAST. issuer NULL: signs itself. */
soft_authority_t soft_authority_new(const char *name, long serial, const char *to,
                                    const soft_authority_t *issuer);
void soft_authority_done(soft_authority_t *authority);

/* Version 3, without subject, issuer or extensions. */
X509 *soft_certificate_new(EVP_PKEY *key, long serial, const char *from, const char *to);
void soft_name_add(X509_NAME *name, const char *field, const char *value);
void soft_extension_add(X509 *certificate, int nid, const char *value);
void soft_certificate_sign(X509 *certificate, const soft_authority_t *issuer);
/* NUL-terminated; free it. */
char *soft_certificate_pem(X509 *certificate);

#endif
