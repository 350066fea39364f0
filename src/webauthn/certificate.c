#include "webauthn/certificate.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crypto/der.h"

#define OU_WANTED "Authenticator Attestation"
#define AAGUID_OID "1.3.6.1.4.1.45724.1.1.4"           /* id-fido-gen-ce-aaguid */
#define FIRMWARE_VERSION_OID "1.3.6.1.4.1.45724.1.1.5" /* id-fido-gen-ce-fw-version */
#define SERIAL_NUMBER_OID "1.3.6.1.4.1.45724.1.1.2"    /* id-fido-gen-ce-sernum */
#define ELEMENTS_MAX 512 /* ours: real ones have about a hundred, and OpenSSL takes memory for each */

CLEANUP_FUNCTION(basic_constraints_drop, BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free)
CLEANUP_FUNCTION(object_drop, ASN1_OBJECT, ASN1_OBJECT_free)

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  ERR_clear_error();
  return error_because(detail, ERR_ATTESTATION_CERTIFICATE, "attestation certificate: %s", why);
}

void certificates_free(STACK_OF(X509) * certificates)
{
  sk_X509_pop_free(certificates, X509_free);
}

error_code_t certificate_parse(bytes_t der, X509 **ret_certificate, error_detail_t *detail)
{
  if (der.len == 0 || der.len > ATTESTATION_CERTIFICATE_MAX_LENGTH)
    return refuse(detail, "it is empty or larger than 8 KiB");
  if (!der_has_at_most(der, ELEMENTS_MAX))
    return refuse(detail, "it is not DER, or of more than 512 elements");
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

/* An extension that need not be there, but must not be critical and hold one value of that tag. */
static error_code_t check_optional(X509 *certificate, const char *oid, uint32_t tag, bytes_t *ret_value,
                                   error_detail_t *detail)
{
  certificate_extension_t extension;
  *ret_value = BYTES_NONE;
  error_code_t code = certificate_find_extension(certificate, oid, &extension, detail);
  if (code != ERR_NONE || !extension.found)
    return code;
  reader_t reader = reader_over(extension.value);
  *ret_value = der_take(&reader, tag);
  if (extension.critical || !reader_done(&reader) || ret_value->len == 0)
    return error_because(detail, ERR_ATTESTATION_CERTIFICATE,
                         "attestation certificate: the extension %s is critical or of another form", oid);
  return ERR_NONE;
}

/* §8.2.1, the last paragraphs, and §8.2.2: what model and device may say of themselves. */
static error_code_t check_device(X509 *certificate, error_detail_t *detail)
{
  bytes_t firmware, serial;
  error_code_t code = check_optional(certificate, FIRMWARE_VERSION_OID, DER_INTEGER, &firmware, detail);
  if (code == ERR_NONE && firmware.len > 0 && (firmware.data[0] & 0x80) != 0)
    return refuse(detail, "the firmware version is negative");
  return code == ERR_NONE ? check_optional(certificate, SERIAL_NUMBER_OID, DER_OCTET_STRING, &serial, detail)
                          : code;
}

error_code_t certificate_check_packed(X509 *certificate, bytes_t aaguid, bool allow_missing_basic_constraints,
                                      error_detail_t *detail)
{
  error_code_t code = certificate_check_common(certificate, aaguid, allow_missing_basic_constraints, detail);
  if (code == ERR_NONE)
    code = check_subject(certificate, detail);
  return code == ERR_NONE ? check_device(certificate, detail) : code;
}
