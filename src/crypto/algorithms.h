/* The algorithms of OpenSSL that every request needs, fetched once: a fetch by name takes locks and, in the
 * middle of a hash, as long as the hash. The one accepted global of this tree; read-only after it is made. */
#ifndef SEKISHO_CRYPTO_ALGORITHMS_H
#define SEKISHO_CRYPTO_ALGORITHMS_H

#include <openssl/evp.h>

typedef struct algorithms {
  EVP_MD *sha256;
  EVP_MD *sha384;
  EVP_MD *sha1; /* this and the next may be NULL */
  EVP_MD *sha512;
  EVP_CIPHER *aes_256_gcm;
  EVP_PKEY *p256; /* curve parameters without a point: a template to copy */
  EVP_PKEY *p384;
  EVP_PKEY *p521; /* these two may be NULL */
  EVP_PKEY *secp256k1;
} algorithms_t;

/* Fetched at the first call; NULL when OpenSSL cannot give those that must be there, and then at every call.
 * Any thread. */
const algorithms_t *algorithms_held(void);

#endif
