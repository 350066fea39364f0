/* The one name that a client's certificate must have (RFC 8705 §2.1.2). */
#ifndef SEKISHO_CRYPTO_CERTIFICATE_NAME_H
#define SEKISHO_CRYPTO_CERTIFICATE_NAME_H

#include <openssl/types.h>

#include "base/bytes.h"

typedef enum certificate_name_kind {
  CERTIFICATE_SUBJECT_DN, /* RFC 4514's string, compared as RFC 4517 §4.2.15 has it */
  CERTIFICATE_SAN_DNS,    /* without case, no wildcards */
  CERTIFICATE_SAN_URI,    /* byte by byte */
  CERTIFICATE_SAN_IP,     /* an address in text; compared as addresses */
  CERTIFICATE_SAN_EMAIL,  /* the local part byte by byte, the domain without case */
} certificate_name_kind_t;
#define CERTIFICATE_NAME_KINDS 5

typedef struct certificate_name {
  certificate_name_kind_t kind;
  const char *text;
} certificate_name_t;

/* "tls_client_auth_subject_dn" and the four others. */
extern const char *const certificate_name_members[CERTIFICATE_NAME_KINDS];

/* Whether the text has the form of its kind: what cannot be read would match nothing. */
bool certificate_name_is_readable(const certificate_name_t *name);
/* Whether the certificate has exactly this name among those of the kind. */
bool certificate_name_matches(const certificate_name_t *name, const X509 *certificate);

#endif
