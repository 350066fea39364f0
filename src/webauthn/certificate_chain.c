#include "webauthn/certificate_chain.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#define KEY_USAGE_KEY_CERT_SIGN 5 /* RFC 5280 §4.2.1.3 */

CLEANUP_FUNCTION(basic_constraints_drop, BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free)
CLEANUP_FUNCTION(bit_string_drop, ASN1_BIT_STRING, ASN1_BIT_STRING_free)

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
  switch (X509_get_signature_nid(certificate)) {
  case NID_md2WithRSAEncryption:
  case NID_md4WithRSAEncryption:
  case NID_md5WithRSAEncryption:
  case NID_md5WithRSA:
    return true;
  default:
    return false;
  }
}

/* Where OpenSSL could not read another extension, the flag still says what basicConstraints did. */
static bool is_ca(X509 *certificate)
{
  return X509_check_ca(certificate) != 0 || (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
}

/* This and the next are read here: where OpenSSL could not read another extension, its own functions know
 * neither. An extension that cannot be read allows nothing. */
static bool may_have_below(const X509 *issuer, size_t below)
{
  int critical = -1; /* -1: not there */
  CLEANUP(basic_constraints_drop)
  BASIC_CONSTRAINTS *constraints = X509_get_ext_d2i(issuer, NID_basic_constraints, &critical, NULL);
  if (constraints == NULL || constraints->pathlen == NULL)
    return constraints != NULL || critical == -1;
  long most = ASN1_INTEGER_get(constraints->pathlen); /* -1: not a number of that size */
  return most >= 0 && below <= (size_t)most;
}

static bool may_sign_certificates(const X509 *issuer)
{
  int critical = -1;
  CLEANUP(bit_string_drop)
  ASN1_BIT_STRING *usage = X509_get_ext_d2i(issuer, NID_key_usage, &critical, NULL);
  return usage == NULL ? critical == -1 : ASN1_BIT_STRING_get_bit(usage, KEY_USAGE_KEY_CERT_SIGN) == 1;
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
  if (!may_sign_certificates(issuer))
    return refuse(detail, "the key usage of the one behind it is not to sign certificates");
  if (!may_have_below(issuer, below))
    return refuse(detail, "the chain is longer than its pathLenConstraint allows");
  EVP_PKEY *key = X509_get0_pubkey(issuer);
  if (!public_key_is_affordable(key))
    return refuse(detail, "the key of the one behind it is none that we verify with, or too large");
  if (X509_verify(certificate, key) != 1)
    return refuse(detail, "the one behind it in x5c did not sign it");
  return ERR_NONE;
}

static bool comes_twice(const attestation_chain_t *encoded, size_t index)
{
  for (size_t i = 0; i < index; i++)
    if (bytes_equal(encoded->certificates[i], encoded->certificates[index]))
      return true;
  return false;
}

error_code_t certificate_chain_read(const attestation_chain_t *encoded, certificate_chain_t *ret_chain,
                                    error_detail_t *detail)
{
  *ret_chain = (certificate_chain_t){.count = 0};
  for (size_t i = 0; i < encoded->count; i++) {
    if (comes_twice(encoded, i))
      return refuse(detail, "it comes twice in x5c");
    error_code_t code = certificate_parse(encoded->certificates[i], &ret_chain->certificates[i], detail);
    if (code != ERR_NONE)
      return code;
    ret_chain->count++;
  }
  return ERR_NONE;
}

void certificate_chain_done(certificate_chain_t *chain)
{
  for (size_t i = 0; i < chain->count; i++)
    X509_free(chain->certificates[i]);
  chain->count = 0;
}

error_code_t certificate_chain_check(const certificate_chain_t *chain, int64_t time_ms,
                                     error_detail_t *detail)
{
  error_code_t code = ERR_NONE;
  for (size_t i = 0; i < chain->count && code == ERR_NONE; i++) {
    X509 *certificate = chain->certificates[i];
    if (!is_valid_at(certificate, time_ms))
      return refuse(detail, "it is expired or not yet valid");
    if (is_signed_by_broken_hash(certificate))
      return refuse(detail, "it is signed by MD5 or older");
    if (i + 1 < chain->count)
      code = check_issuer(chain->certificates[i + 1], certificate, i, detail);
  }
  return code;
}
