#include "soft_authority.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "soft_check.h"

void soft_name_add(X509_NAME *name, const char *field, const char *value)
{
  SOFT_MUST(X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC, (const unsigned char *)value, -1, -1, 0) ==
            1);
}

void soft_extension_add(X509 *certificate, int nid, const char *value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
  SOFT_MUST(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

X509 *soft_certificate_new(EVP_PKEY *key, long serial, const char *from, const char *to)
{
  X509 *certificate = X509_new();
  SOFT_MUST(certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1);
  SOFT_MUST(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1);
  SOFT_MUST(ASN1_TIME_set_string(X509_getm_notBefore(certificate), from) == 1);
  SOFT_MUST(ASN1_TIME_set_string(X509_getm_notAfter(certificate), to) == 1);
  SOFT_MUST(X509_set_pubkey(certificate, key) == 1);
  return certificate;
}

void soft_certificate_sign(X509 *certificate, const soft_authority_t *issuer)
{
  SOFT_MUST(X509_set_issuer_name(certificate, X509_get_subject_name(issuer->certificate)) == 1);
  SOFT_MUST(X509_sign(certificate, issuer->key, EVP_sha256()) > 0);
}

soft_authority_t soft_authority_new(const char *name, long serial, const char *to,
                                    const soft_authority_t *issuer)
{
  soft_authority_t authority = {.key = EVP_EC_gen("P-256")};
  SOFT_MUST(authority.key != NULL);
  authority.certificate = soft_certificate_new(authority.key, serial, SOFT_TIME_PAST, to);
  X509_NAME *subject = X509_get_subject_name(authority.certificate);
  soft_name_add(subject, "C", "JP");
  soft_name_add(subject, "CN", name);
  soft_extension_add(authority.certificate, NID_basic_constraints, "critical,CA:TRUE");
  soft_extension_add(authority.certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  soft_certificate_sign(authority.certificate, issuer != NULL ? issuer : &authority);
  return authority;
}

void soft_authority_done(soft_authority_t *authority)
{
  X509_free(authority->certificate);
  EVP_PKEY_free(authority->key);
}

char *soft_certificate_pem(X509 *certificate)
{
  BIO *bio = BIO_new(BIO_s_mem());
  char *text = NULL;
  SOFT_MUST(bio != NULL && PEM_write_bio_X509(bio, certificate) == 1);
  long len = BIO_get_mem_data(bio, &text);
  char *pem = strndup(text, (size_t)len);
  SOFT_MUST(pem != NULL);
  BIO_free(bio);
  return pem;
}
