#include "metadata/metadata_signer.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/pem.h"
#include "webauthn/certificate.h"

CLEANUP_FUNCTION(store_ctx_drop, X509_STORE_CTX, X509_STORE_CTX_free)
CLEANUP_FUNCTION(crl_drop, X509_CRL, X509_CRL_free)
CLEANUP_FUNCTION(bio_drop, BIO, BIO_free)

struct metadata_signer {
  X509_STORE *store; /* roots and lists */
  STACK_OF(X509) * roots;
  bool has_crls;
  char *name;
};

error_code_t metadata_signer_new(metadata_signer_t **ret_signer)
{
  metadata_signer_t *signer = calloc(1, sizeof(*signer));
  if (signer == NULL)
    return ERR_NO_MEMORY;
  signer->store = X509_STORE_new();
  signer->roots = sk_X509_new_null();
  if (signer->store == NULL || signer->roots == NULL) {
    metadata_signer_free(signer);
    return ERR_NO_MEMORY;
  }
  *ret_signer = signer;
  return ERR_NONE;
}

void metadata_signer_free(metadata_signer_t *signer)
{
  if (signer == NULL)
    return;
  X509_STORE_free(signer->store);
  certificates_free(signer->roots);
  free(signer->name);
  free(signer);
}

static error_code_t add_root(metadata_signer_t *signer, X509 *root)
{
  if (X509_STORE_add_cert(signer->store, root) != 1)
    return ERR_NO_MEMORY;
  if (X509_up_ref(root) != 1)
    return ERR_INTERNAL;
  if (sk_X509_push(signer->roots, root) > 0)
    return ERR_NONE;
  X509_free(root);
  return ERR_NO_MEMORY;
}

error_code_t metadata_signer_add_roots(metadata_signer_t *signer, bytes_t pem)
{
  if (pem.len > INT_MAX)
    return ERR_MALFORMED;
  CLEANUP(bio_drop) BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
  if (bio == NULL)
    return ERR_NO_MEMORY;
  for (size_t count = 0;; count++) {
    CLEANUP(x509_drop) X509 *root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    if (root == NULL)
      return pem_is_at_end() && count > 0 ? ERR_NONE : ERR_MALFORMED;
    error_code_t code = add_root(signer, root);
    if (code != ERR_NONE)
      return code;
  }
}

static error_code_t add_crl(metadata_signer_t *signer, X509_CRL *crl)
{
  if (X509_STORE_add_crl(signer->store, crl) != 1)
    return ERR_NO_MEMORY;
  signer->has_crls = true;
  return ERR_NONE;
}

static error_code_t add_pem_crls(metadata_signer_t *signer, bytes_t pem)
{
  CLEANUP(bio_drop) BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
  if (bio == NULL)
    return ERR_NO_MEMORY;
  for (size_t count = 0;; count++) {
    CLEANUP(crl_drop) X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
    if (crl == NULL)
      return pem_is_at_end() && count > 0 ? ERR_NONE : ERR_MALFORMED;
    error_code_t code = add_crl(signer, crl);
    if (code != ERR_NONE)
      return code;
  }
}

error_code_t metadata_signer_add_crls(metadata_signer_t *signer, bytes_t lists)
{
  static const uint8_t SEQUENCE = 0x30; /* what DER begins with, and PEM never does */
  if (lists.len == 0 || lists.len > INT_MAX)
    return ERR_MALFORMED;
  if (lists.data[0] != SEQUENCE)
    return add_pem_crls(signer, lists);
  const unsigned char *at = lists.data;
  CLEANUP(crl_drop) X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)lists.len);
  ERR_clear_error();
  if (crl == NULL || at != lists.data + lists.len)
    return ERR_MALFORMED;
  return add_crl(signer, crl);
}

bool metadata_signer_checks_revocation(const metadata_signer_t *signer)
{
  return signer->has_crls;
}

error_code_t metadata_signer_set_name(metadata_signer_t *signer, const char *name)
{
  char *copy = NULL;
  if (name != NULL) {
    copy = strdup(name);
    if (copy == NULL)
      return ERR_NO_MEMORY;
  }
  free(signer->name);
  signer->name = copy;
  return ERR_NONE;
}

static error_code_t verify_path(const metadata_signer_t *signer, X509 *leaf, STACK_OF(X509) * others,
                                int64_t time_ms, error_detail_t *detail)
{
  CLEANUP(store_ctx_drop) X509_STORE_CTX *context = X509_STORE_CTX_new();
  if (context == NULL || X509_STORE_CTX_init(context, signer->store, leaf, others) != 1)
    return ERR_NO_MEMORY;
  X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN; /* an operator may pin an intermediate */
  if (signer->has_crls)
    flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  if (X509_VERIFY_PARAM_set_flags(parameters, flags) != 1)
    return ERR_INTERNAL;
  X509_VERIFY_PARAM_set_time(parameters, (time_t)(time_ms / 1000));
  X509_VERIFY_PARAM_set_auth_level(parameters, 1); /* no SHA-1 on the way */
  int verified = X509_verify_cert(context);
  ERR_clear_error();
  if (verified != 1)
    return error_because(detail, ERR_METADATA,
                         "the signer's certificates give no path to the metadata root: %s, at certificate %d",
                         X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)),
                         X509_STORE_CTX_get_error_depth(context) + 1);
  return ERR_NONE;
}

static error_code_t verify_name(const metadata_signer_t *signer, X509 *leaf, error_detail_t *detail)
{
  if (signer->name == NULL || X509_check_host(leaf, signer->name, 0, X509_CHECK_FLAG_NO_WILDCARDS, NULL) == 1)
    return ERR_NONE;
  return error_because(detail, ERR_METADATA, "the signer's certificate is not for %s", signer->name);
}

static error_code_t verify_signature(const jws_t *jws, X509 *certificate)
{
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  error_code_t code = public_key_from_evp(jws->algorithm, X509_get0_pubkey(certificate), &key);
  return code == ERR_NONE ? jws_verify(jws, key) : code;
}

static error_code_t verify_by_root(const metadata_signer_t *signer, const jws_t *jws, int64_t time_ms,
                                   error_detail_t *detail)
{
  for (int i = 0; i < sk_X509_num(signer->roots); i++) {
    X509 *root = sk_X509_value(signer->roots, i);
    if (verify_signature(jws, root) == ERR_NONE)
      return verify_path(signer, root, NULL, time_ms, detail);
  }
  return error_because(detail, ERR_METADATA,
                       "it brings no certificates and no configured root has signed it");
}

error_code_t metadata_signer_verify(const metadata_signer_t *signer, const jws_t *jws,
                                    const jws_certificates_t *certificates, int64_t time_ms,
                                    error_detail_t *detail)
{
  if (certificates->count == 0)
    return verify_by_root(signer, jws, time_ms, detail);
  CLEANUP(certificates_drop) STACK_OF(X509) *chain = sk_X509_new_null();
  if (chain == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < certificates->count; i++) {
    CLEANUP(x509_drop) X509 *certificate = NULL;
    if (certificate_parse(certificates->der[i], &certificate, detail) != ERR_NONE)
      return error_because(detail, ERR_METADATA, "certificate %zu of x5c cannot be read", i + 1);
    if (sk_X509_push(chain, certificate) <= 0)
      return ERR_NO_MEMORY;
    certificate = NULL;
  }
  X509 *leaf = sk_X509_value(chain, 0);
  error_code_t code = verify_path(signer, leaf, chain, time_ms, detail);
  if (code == ERR_NONE)
    code = verify_name(signer, leaf, detail);
  if (code == ERR_NONE && verify_signature(jws, leaf) != ERR_NONE)
    code = error_because(detail, ERR_METADATA, "the signature does not verify with the signer's certificate");
  return code;
}
