#include "crypto/certificate.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "base/cleanup.h"
#include "crypto/pem.h"

CLEANUP_FUNCTION(x509_drop, X509, X509_free)
CLEANUP_FUNCTION(bio_drop, BIO, BIO_free)
CLEANUP_FUNCTION(context_drop, X509_STORE_CTX, X509_STORE_CTX_free)

static X509 *parse(bytes_t der)
{
  const unsigned char *at = der.data;
  if (der.len == 0 || der.len > CERTIFICATE_MAX)
    return NULL;
  X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
  ERR_clear_error();
  if (certificate == NULL || at == der.data + der.len)
    return certificate;
  X509_free(certificate);
  return NULL;
}

error_code_t certificate_check(bytes_t der)
{
  CLEANUP(x509_drop) X509 *certificate = parse(der);
  return certificate != NULL ? ERR_NONE : ERR_MALFORMED;
}

error_code_t certificate_of_pem(arena_t *arena, bytes_t pem, bytes_t *ret_der)
{
  if (pem.len > INT_MAX)
    return ERR_MALFORMED;
  CLEANUP(bio_drop) BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
  if (bio == NULL)
    return ERR_NO_MEMORY;
  CLEANUP(x509_drop) X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
  CLEANUP(x509_drop) X509 *second = certificate != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
  if (!pem_is_at_end() || certificate == NULL || second != NULL)
    return ERR_MALFORMED;
  int len = i2d_X509(certificate, NULL);
  if (len <= 0 || (size_t)len > CERTIFICATE_MAX)
    return ERR_MALFORMED;
  uint8_t *der = arena_alloc(arena, (size_t)len);
  unsigned char *at = der;
  if (der == NULL)
    return ERR_NO_MEMORY;
  if (i2d_X509(certificate, &at) != len)
    return ERR_NO_MEMORY;
  *ret_der = bytes_of(der, (size_t)len);
  return ERR_NONE;
}

bool certificate_is_valid_at(bytes_t der, int64_t now_ms)
{
  CLEANUP(x509_drop) X509 *certificate = parse(der);
  time_t now = (time_t)(now_ms / 1000);
  return certificate != NULL && X509_cmp_time(X509_get0_notBefore(certificate), &now) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &now) > 0;
}

bool certificate_is_vouched_for(bytes_t der, const trust_roots_t *roots, int64_t now_ms)
{
  CLEANUP(x509_drop) X509 *certificate = parse(der);
  CLEANUP(context_drop) X509_STORE_CTX *context = X509_STORE_CTX_new();
  if (certificate == NULL || context == NULL ||
      X509_STORE_CTX_init(context, trust_roots_store(roots), certificate, NULL) != 1)
    return false;
  X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(param, (time_t)(now_ms / 1000));
  bool vouched = X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) == 1 &&
                 X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_CLIENT) == 1 &&
                 X509_verify_cert(context) == 1;
  ERR_clear_error();
  return vouched;
}

bool certificate_has_name(bytes_t der, const certificate_name_t *name)
{
  CLEANUP(x509_drop) X509 *certificate = parse(der);
  return certificate != NULL && certificate_name_matches(name, certificate);
}
