#include "webauthn/certificate_aik.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

/* TCG OID registry */
#define OID_MANUFACTURER "2.23.133.2.1"
#define OID_MODEL "2.23.133.2.2"
#define OID_VERSION "2.23.133.2.3"
#define OID_AIK_CERTIFICATE "2.23.133.8.3" /* tcg-kp-AIKCertificate */

#define MANUFACTURER_LENGTH 11 /* "id:" and eight hexadecimal digits */

CLEANUP_FUNCTION(object_drop, ASN1_OBJECT, ASN1_OBJECT_free)
CLEANUP_FUNCTION(names_drop, GENERAL_NAMES, GENERAL_NAMES_free)
CLEANUP_FUNCTION(usage_drop, EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free)

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  ERR_clear_error();
  return error_because(detail, ERR_ATTESTATION_CERTIFICATE, "AIK certificate: %s", why);
}

/* TCG's vendor registry by its four letters, padded with spaces or zeros as it writes them; the last is the
 * FIDO conformance tools' own. */
static bool is_registered(bytes_t manufacturer)
{
  static const char VENDORS[][9] = {"414D4400", "414E5400", "41544D4C", "4252434D", "4353434F", "464C5953",
                                    "474F4F47", "48495349", "48504500", "48504900", "49424D00", "49465800",
                                    "494E5443", "4C454E00", "4D534654", "4E534700", "4E534D20", "4E544300",
                                    "4E545A00", "51434F4D", "524F4343", "5345414C", "53454345", "534D5343",
                                    "534D534E", "534E5300", "53544D20", "54584E00", "57454300", "FFFFF1D0"};
  if (manufacturer.len != MANUFACTURER_LENGTH || memcmp(manufacturer.data, "id:", 3) != 0)
    return false;
  for (size_t i = 0; i < sizeof(VENDORS) / sizeof(VENDORS[0]); i++)
    if (OPENSSL_strncasecmp((const char *)manufacturer.data + 3, VENDORS[i], 8) == 0)
      return true;
  return false;
}

/* The one value of that type in the name; none when it is missing, there twice or empty. */
static bytes_t attribute_of(const X509_NAME *name, const char *oid)
{
  CLEANUP(object_drop) ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
  int at = object != NULL ? X509_NAME_get_index_by_OBJ(name, object, -1) : -1;
  if (at < 0 || X509_NAME_get_index_by_OBJ(name, object, at) >= 0)
    return BYTES_NONE;
  const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  return bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
}

static const X509_NAME *directory_name(const GENERAL_NAMES *names)
{
  for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DIRNAME)
      return name->d.directoryName;
  }
  return NULL;
}

/* TPMv2-EK-Profile §3.2.9; whether the attributes share one RDN or have one each is all the same. */
static error_code_t check_alternative_name(X509 *certificate, bool any_vendor, error_detail_t *detail)
{
  int critical = -1;
  CLEANUP(names_drop)
  GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
  if (names == NULL)
    return refuse(detail, "subjectAltName is missing, doubled or cannot be read");
  if (critical != 1) /* RFC 5280 §4.2.1.6, to which the profile holds it */
    return refuse(detail, "subjectAltName must be critical where the subject is empty");
  const X509_NAME *name = directory_name(names);
  if (name == NULL)
    return refuse(detail, "subjectAltName has no directory name");
  bytes_t manufacturer = attribute_of(name, OID_MANUFACTURER);
  if (manufacturer.len == 0 || attribute_of(name, OID_MODEL).len == 0 ||
      attribute_of(name, OID_VERSION).len == 0)
    return refuse(detail, "subjectAltName lacks the TPM's manufacturer, model or version");
  if (!any_vendor && !is_registered(manufacturer))
    return refuse(detail, "the TPM's manufacturer is not in TCG's vendor registry");
  return ERR_NONE;
}

static error_code_t check_usage(X509 *certificate, error_detail_t *detail)
{
  CLEANUP(usage_drop)
  EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
  CLEANUP(object_drop) ASN1_OBJECT *wanted = OBJ_txt2obj(OID_AIK_CERTIFICATE, 1);
  if (wanted == NULL)
    return ERR_NO_MEMORY;
  for (int i = 0; usage != NULL && i < sk_ASN1_OBJECT_num(usage); i++)
    if (OBJ_cmp(sk_ASN1_OBJECT_value(usage, i), wanted) == 0)
      return ERR_NONE;
  return refuse(detail, "its extended key usage is not tcg-kp-AIKCertificate");
}

error_code_t certificate_check_aik(X509 *certificate, bytes_t aaguid, const attestation_rules_t *rules,
                                   error_detail_t *detail)
{
  error_code_t code =
      certificate_check_common(certificate, aaguid, rules->allow_missing_basic_constraints, detail);
  if (code != ERR_NONE)
    return code;
  if (X509_NAME_entry_count(X509_get_subject_name(certificate)) != 0)
    return refuse(detail, "its subject is not empty");
  code = check_alternative_name(certificate, rules->tpm_any_vendor, detail);
  return code == ERR_NONE ? check_usage(certificate, detail) : code;
}
