/* Authenticator data (WebAuthn L3 §6.1) to a struct of views. Parsing judges the form only. */
#ifndef SEKISHO_WEBAUTHN_AUTHENTICATOR_DATA_H
#define SEKISHO_WEBAUTHN_AUTHENTICATOR_DATA_H

#include "base/bytes.h"

#define AUTHENTICATOR_DATA_MAX_LENGTH (32 * 1024)
#define AUTHENTICATOR_DATA_HEAD_LENGTH 37
#define CREDENTIAL_ID_MAX_LENGTH 1023
#define AAGUID_LENGTH 16

enum {
  AUTHENTICATOR_FLAG_UP = 0x01, /* user present */
  AUTHENTICATOR_FLAG_UV = 0x04, /* user verified */
  AUTHENTICATOR_FLAG_BE = 0x08, /* backup eligible */
  AUTHENTICATOR_FLAG_BS = 0x10, /* backed up */
  AUTHENTICATOR_FLAG_AT = 0x40, /* attested credential data follows */
  AUTHENTICATOR_FLAG_ED = 0x80, /* extension data follows */
};

typedef struct authenticator_data {
  bytes_t raw;
  bytes_t rp_id_hash; /* 32 bytes */
  uint8_t flags;      /* reserved bits as they came */
  uint32_t sign_count;
  bytes_t aaguid;         /* AAGUID_LENGTH bytes, none without AT */
  bytes_t credential_id;  /* none without AT; its length is judged in the ceremony */
  bytes_t credential_key; /* exactly the COSE key's bytes, none without AT */
  bytes_t extensions;     /* exactly the CBOR map's bytes, none without ED */
} authenticator_data_t;

/* Views into bytes. ERR_AUTHENTICATOR_DATA for any other form, with nothing left over; detail may be NULL. */
MUST_USE error_code_t authenticator_data_parse(bytes_t bytes, authenticator_data_t *ret_data,
                                               error_detail_t *detail);

#endif
