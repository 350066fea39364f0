#include "webauthn/certificate_chain.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "webauthn/certificate.h"

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  ERR_clear_error();
  return error_because(detail, ERR_ATTESTATION_CERTIFICATE, "attestation certificate: %s", why);
}

static bool is_valid_at(const X509 *certificate, int64_t time_ms)
{
  time_t when = (time_t)(time_ms / 1000);
  /* 0 is an error; -1: at or before; 1: after */
  return X509_cmp_time(X509_get0_notBefore(certificate), &when) == -1 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &when) == 1;
}

/* Whoever can make two certificates of one hash has both signed. SHA-1 is left to those who choose the roots.
 */
static bool is_signed_by_broken_hash(const X509 *certificate)
{
  int digest = NID_undef;
  OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, NULL);
  return digest == NID_md2 || digest == NID_md4 || digest == NID_md5;
}

/* Where OpenSSL could not read another extension, the flag still says what basicConstraints did. */
static bool is_ca(X509 *certificate)
{
  return X509_check_ca(certificate) != 0 || (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
}

/* By names and extensions. OpenSSL reads all extensions of both first, and some TPMs' certificates have an
 * authorityKeyIdentifier that it cannot read; then the names have to do, with the signature, which is checked
 * in any case. On the way to a trust root OpenSSL still refuses such a certificate. */
static bool is_issuer(X509 *issuer, X509 *certificate)
{
  int result = X509_check_issued(issuer, certificate);
  ERR_clear_error();
  return result == X509_V_OK ||
         (result == X509_V_ERR_UNSPECIFIED &&
          X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(certificate)) == 0);
}

/* below: how many intermediates are between the issuer and the first certificate. */
static error_code_t check_issuer(X509 *issuer, X509 *certificate, size_t below, error_detail_t *detail)
{
  if (!is_issuer(issuer, certificate))
    return refuse(detail, "the one behind it in x5c did not issue it");
  if (!is_ca(issuer))
    return refuse(detail, "the one behind it in x5c is no CA's");
  long most = X509_get_pathlen(issuer); /* -1: any */
  if (most >= 0 && below > (size_t)most)
    return refuse(detail, "the chain is longer than its pathLenConstraint allows");
  EVP_PKEY *key = X509_get0_pubkey(issuer);
  if (!public_key_is_affordable(key))
    return refuse(detail, "the key of the one behind it is none that we verify with, or too large");
  if (X509_verify(certificate, key) != 1)
    return refuse(detail, "the one behind it in x5c did not sign it");
  return ERR_NONE;
}

static error_code_t check_link(X509 *certificate, const attestation_chain_t *chain, size_t index,
                               error_detail_t *detail)
{
  for (size_t i = 0; i < index; i++)
    if (bytes_equal(chain->certificates[i], chain->certificates[index]))
      return refuse(detail, "it comes twice in x5c");
  if (index + 1 == chain->count)
    return ERR_NONE;
  CLEANUP(x509_drop) X509 *issuer = NULL;
  error_code_t code = certificate_parse(chain->certificates[index + 1], &issuer, detail);
  return code == ERR_NONE ? check_issuer(issuer, certificate, index, detail) : code;
}

error_code_t certificate_chain_check(const attestation_chain_t *chain, int64_t time_ms,
                                     error_detail_t *detail)
{
  for (size_t i = 0; i < chain->count; i++) {
    CLEANUP(x509_drop) X509 *certificate = NULL;
    error_code_t code = certificate_parse(chain->certificates[i], &certificate, detail);
    if (code != ERR_NONE)
      return code;
    if (!is_valid_at(certificate, time_ms))
      return refuse(detail, "it is expired or not yet valid");
    if (is_signed_by_broken_hash(certificate))
      return refuse(detail, "it is signed by MD5 or older");
    code = check_link(certificate, chain, i, detail);
    if (code != ERR_NONE)
      return code;
  }
  return ERR_NONE;
}
