#include "crypto/trust_roots.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/pem.h"

CLEANUP_FUNCTION(x509_drop, X509, X509_free)
CLEANUP_FUNCTION(bio_drop, BIO, BIO_free)

struct trust_roots {
  X509_STORE *store;
};

error_code_t trust_roots_new(trust_roots_t **ret_roots)
{
  trust_roots_t *roots = calloc(1, sizeof(*roots));
  if (roots == NULL)
    return ERR_NO_MEMORY;
  roots->store = X509_STORE_new();
  if (roots->store == NULL) {
    free(roots);
    return ERR_NO_MEMORY;
  }
  *ret_roots = roots;
  return ERR_NONE;
}

void trust_roots_free(trust_roots_t *roots)
{
  if (roots == NULL)
    return;
  X509_STORE_free(roots->store);
  free(roots);
}

X509_STORE *trust_roots_store(const trust_roots_t *roots)
{
  return roots->store;
}

error_code_t trust_roots_add_pem(trust_roots_t *roots, bytes_t pem)
{
  if (pem.len > INT_MAX)
    return ERR_MALFORMED;
  CLEANUP(bio_drop) BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
  if (bio == NULL)
    return ERR_NO_MEMORY;
  for (size_t count = 0;; count++) {
    CLEANUP(x509_drop) X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    if (certificate == NULL)
      return pem_is_at_end() && count > 0 ? ERR_NONE : ERR_MALFORMED;
    if (X509_STORE_add_cert(roots->store, certificate) != 1)
      return ERR_NO_MEMORY;
  }
}

error_code_t trust_roots_add_der(trust_roots_t *roots, bytes_t der)
{
  const unsigned char *at = der.data;
  if (der.len > INT_MAX)
    return ERR_MALFORMED;
  CLEANUP(x509_drop) X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
  ERR_clear_error();
  if (certificate == NULL || at != der.data + der.len)
    return ERR_MALFORMED;
  return X509_STORE_add_cert(roots->store, certificate) == 1 ? ERR_NONE : ERR_NO_MEMORY;
}
