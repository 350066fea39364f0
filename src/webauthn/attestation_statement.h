/* The members of attestation statements (WebAuthn L3 §8), read by one reader. Which of them a format has is
 * the format's own affair; every statement is a closed map. */
#ifndef SEKISHO_WEBAUTHN_ATTESTATION_STATEMENT_H
#define SEKISHO_WEBAUTHN_ATTESTATION_STATEMENT_H

#include "webauthn/attestation.h"

enum {
  STATEMENT_ALG = 0x01,       /* integer */
  STATEMENT_SIG = 0x02,       /* bytes */
  STATEMENT_X5C = 0x04,       /* 1 to ATTESTATION_CHAIN_MAX certificates, none empty */
  STATEMENT_VER = 0x08,       /* text */
  STATEMENT_CERT_INFO = 0x10, /* bytes */
  STATEMENT_PUB_AREA = 0x20,  /* bytes */
  STATEMENT_RESPONSE = 0x40,  /* bytes */
  STATEMENT_TPM = STATEMENT_ALG | STATEMENT_SIG | STATEMENT_X5C | STATEMENT_VER | STATEMENT_CERT_INFO |
                  STATEMENT_PUB_AREA,
};

typedef struct attestation_statement {
  unsigned members; /* STATEMENT_…: those that are there */
  int64_t algorithm;
  bytes_t signature, version, cert_info, pub_area, response;
  attestation_chain_t chain;
} attestation_statement_t;

/* The statement of a format that has these members and no others. bytes were passed by cbor_walk.
 * ERR_ATTESTATION, with the format and the member in detail. */
MUST_USE error_code_t attestation_statement_parse(const char *format, bytes_t bytes, unsigned required,
                                                  unsigned optional, attestation_statement_t *ret_statement,
                                                  error_detail_t *detail);

#endif
