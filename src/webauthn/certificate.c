#include "webauthn/certificate.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crypto/der.h"

#define OU_WANTED "Authenticator Attestation"
#define AAGUID_OID "1.3.6.1.4.1.45724.1.1.4" /* id-fido-gen-ce-aaguid */

CLEANUP_FUNCTION(basic_constraints_drop, BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free)
CLEANUP_FUNCTION(object_drop, ASN1_OBJECT, ASN1_OBJECT_free)

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  ERR_clear_error();
  return error_because(detail, ERR_ATTESTATION_CERTIFICATE, "attestation certificate: %s", why);
}

error_code_t certificate_parse(bytes_t der, X509 **ret_certificate, error_detail_t *detail)
{
  if (der.len == 0 || der.len > ATTESTATION_CERTIFICATE_MAX_LENGTH)
    return refuse(detail, "it is empty or larger than 8 KiB");
  const unsigned char *at = der.data;
  CLEANUP(x509_drop) X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
  if (certificate == NULL)
    return refuse(detail, "it is no X.509 certificate");
  if (at != der.data + der.len)
    return refuse(detail, "bytes follow it");
  *ret_certificate = certificate;
  certificate = NULL;
  return ERR_NONE;
}

error_code_t certificate_verify_tpm_signature(const char *format, const X509 *certificate, int64_t algorithm,
                                              bytes_t message, bytes_t signature, error_detail_t *detail)
{
  const signature_info_t *info = signature_info(algorithm);
  if (info == NULL || !signature_is_available(info))
    return error_because(detail, ERR_ALGORITHM, "%s: attestation algorithm %lld (%s) is not supported",
                         format, (long long)algorithm, info != NULL ? info->name : "unknown");
  CLEANUP(public_key_drop) public_key_t *key = NULL;
  if (public_key_from_evp(info->algorithm, X509_get0_pubkey(certificate), &key) != ERR_NONE)
    return error_because(detail, ERR_ATTESTATION,
                         "%s: the certificate's key is not of the algorithm that the statement names",
                         format);
  if (public_key_verify(key, message, signature) != ERR_NONE)
    return error_because(detail, ERR_ATTESTATION,
                         "%s: the signature does not verify with the certificate's key", format);
  return ERR_NONE;
}

error_code_t certificate_verify_signature(const char *format, const X509 *certificate, int64_t algorithm,
                                          bytes_t message, bytes_t signature, error_detail_t *detail)
{
  if (algorithm == SIGNATURE_RS1)
    return error_because(detail, ERR_ALGORITHM, "%s: RS1 is taken from TPMs only", format);
  return certificate_verify_tpm_signature(format, certificate, algorithm, message, signature, detail);
}

/* The one value of a name's member, none when it is missing, there twice or empty. */
static bytes_t subject_member(X509 *certificate, int nid)
{
  X509_NAME *subject = X509_get_subject_name(certificate);
  int at = X509_NAME_get_index_by_NID(subject, nid, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(subject, nid, at) >= 0)
    return BYTES_NONE;
  const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  return bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
}

static error_code_t check_subject(X509 *certificate, error_detail_t *detail)
{
  bytes_t country = subject_member(certificate, NID_countryName);
  if (country.len != 2 || !isalpha(country.data[0]) || !isalpha(country.data[1]))
    return refuse(detail, "subject C must be a country code of two letters");
  if (subject_member(certificate, NID_organizationName).len == 0)
    return refuse(detail, "subject O is missing");
  if (!bytes_equal_string(subject_member(certificate, NID_organizationalUnitName), OU_WANTED))
    return refuse(detail, "subject OU must be \"" OU_WANTED "\"");
  if (subject_member(certificate, NID_commonName).len == 0)
    return refuse(detail, "subject CN is missing");
  return ERR_NONE;
}

static error_code_t check_basic_constraints(X509 *certificate, bool may_be_missing, error_detail_t *detail)
{
  int critical = -1; /* -1: not there; -2: there twice */
  CLEANUP(basic_constraints_drop)
  BASIC_CONSTRAINTS *constraints = X509_get_ext_d2i(certificate, NID_basic_constraints, &critical, NULL);
  if (constraints == NULL && critical == -1 && may_be_missing)
    return ERR_NONE;
  if (constraints == NULL)
    return refuse(detail, "basicConstraints is missing, doubled or cannot be read");
  if (constraints->ca != 0)
    return refuse(detail, "it is a CA's");
  return ERR_NONE;
}

error_code_t certificate_find_extension(X509 *certificate, const char *oid,
                                        certificate_extension_t *ret_extension, error_detail_t *detail)
{
  CLEANUP(object_drop) ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
  if (object == NULL)
    return ERR_NO_MEMORY;
  *ret_extension = (certificate_extension_t){0};
  int at = X509_get_ext_by_OBJ(certificate, object, -1);
  if (at < 0)
    return ERR_NONE;
  if (X509_get_ext_by_OBJ(certificate, object, at) >= 0)
    return error_because(detail, ERR_ATTESTATION_CERTIFICATE,
                         "attestation certificate: it has the extension %s twice", oid);
  X509_EXTENSION *extension = X509_get_ext(certificate, at);
  const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(extension);
  *ret_extension = (certificate_extension_t){
      .found = true,
      .critical = X509_EXTENSION_get_critical(extension) != 0,
      .value = bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)),
  };
  return ERR_NONE;
}

static error_code_t check_aaguid(X509 *certificate, bytes_t aaguid, error_detail_t *detail)
{
  certificate_extension_t extension;
  error_code_t code = certificate_find_extension(certificate, AAGUID_OID, &extension, detail);
  if (code != ERR_NONE || !extension.found)
    return code;
  if (extension.critical)
    return refuse(detail, "the AAGUID extension is critical");
  /* extnValue wraps an OCTET STRING of 16 bytes once more */
  reader_t reader = reader_over(extension.value);
  bytes_t value = der_take(&reader, DER_OCTET_STRING);
  if (!reader_done(&reader) || !bytes_equal(value, aaguid))
    return refuse(detail, "the AAGUID extension is not the authenticator's AAGUID");
  return ERR_NONE;
}

error_code_t certificate_check_common(X509 *certificate, bytes_t aaguid, bool allow_missing_basic_constraints,
                                      error_detail_t *detail)
{
  if (X509_get_version(certificate) != X509_VERSION_3)
    return refuse(detail, "its version is not 3");
  error_code_t code = check_basic_constraints(certificate, allow_missing_basic_constraints, detail);
  return code == ERR_NONE ? check_aaguid(certificate, aaguid, detail) : code;
}

error_code_t certificate_check_packed(X509 *certificate, bytes_t aaguid, bool allow_missing_basic_constraints,
                                      error_detail_t *detail)
{
  error_code_t code = certificate_check_common(certificate, aaguid, allow_missing_basic_constraints, detail);
  return code == ERR_NONE ? check_subject(certificate, detail) : code;
}

static bool is_valid_at(const X509 *certificate, int64_t time_ms)
{
  time_t when = (time_t)(time_ms / 1000);
  /* 0 is an error; -1: at or before; 1: after */
  return X509_cmp_time(X509_get0_notBefore(certificate), &when) == -1 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &when) == 1;
}

/* By names and extensions. OpenSSL reads all extensions of both first, and some TPMs' certificates have an
 * authorityKeyIdentifier that it cannot read; then the names have to do, with the signature, which is checked
 * in any case. On the way to a trust root OpenSSL still refuses such a certificate. */
static bool is_issuer(X509 *issuer, X509 *certificate)
{
  int result = X509_check_issued(issuer, certificate);
  ERR_clear_error();
  return result == X509_V_OK ||
         (result == X509_V_ERR_UNSPECIFIED && (X509_get_extension_flags(issuer) & EXFLAG_CA) != 0 &&
          X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(certificate)) == 0);
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
  if (code != ERR_NONE)
    return code;
  if (!is_issuer(issuer, certificate) || X509_verify(certificate, X509_get0_pubkey(issuer)) != 1)
    return refuse(detail, "the one behind it in x5c did not issue it");
  return ERR_NONE;
}

error_code_t certificate_check_chain(const attestation_chain_t *chain, int64_t time_ms,
                                     error_detail_t *detail)
{
  for (size_t i = 0; i < chain->count; i++) {
    CLEANUP(x509_drop) X509 *certificate = NULL;
    error_code_t code = certificate_parse(chain->certificates[i], &certificate, detail);
    if (code != ERR_NONE)
      return code;
    if (!is_valid_at(certificate, time_ms))
      return refuse(detail, "it is expired or not yet valid");
    code = check_link(certificate, chain, i, detail);
    if (code != ERR_NONE)
      return code;
  }
  return ERR_NONE;
}
