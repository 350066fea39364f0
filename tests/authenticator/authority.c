#include "authority.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/secret.h"
#include "der_build.h"
#include "soft_check.h"

void certificate_add_name(X509_NAME *name, const char *field, const char *value)
{
  SOFT_MUST(X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC, (const unsigned char *)value, -1, -1, 0) ==
            1);
}

void certificate_add_extension(X509 *certificate, int nid, const char *value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
  SOFT_MUST(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

static void add_extension_of(X509 *certificate, const ASN1_OBJECT *oid, bool critical, bytes_t value)
{
  ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
  SOFT_MUST(oid != NULL && octets != NULL && ASN1_OCTET_STRING_set(octets, value.data, (int)value.len) == 1);
  X509_EXTENSION *made = X509_EXTENSION_create_by_OBJ(NULL, oid, critical, octets);
  SOFT_MUST(made != NULL && X509_add_ext(certificate, made, -1) == 1);
  X509_EXTENSION_free(made);
  ASN1_OCTET_STRING_free(octets);
}

void certificate_add_raw_extension(X509 *certificate, const soft_extension_t *extension)
{
  ASN1_OBJECT *oid = OBJ_txt2obj(extension->oid, 1);
  add_extension_of(certificate, oid, extension->critical, extension->value);
  ASN1_OBJECT_free(oid);
}

void certificate_crowd(X509 *certificate, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    char oid[32];
    snprintf(oid, sizeof(oid), "1.2.%u", i + 1000);
    const soft_extension_t extension = {oid, false, BYTES_LITERAL("\x05\x00")};
    certificate_add_raw_extension(certificate, &extension);
  }
}

X509 *certificate_new(EVP_PKEY *key, long serial, const char *from, const char *to)
{
  X509 *certificate = X509_new();
  SOFT_MUST(certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1);
  SOFT_MUST(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1);
  SOFT_MUST(ASN1_TIME_set_string(X509_getm_notBefore(certificate), from) == 1);
  SOFT_MUST(ASN1_TIME_set_string(X509_getm_notAfter(certificate), to) == 1);
  SOFT_MUST(X509_set_pubkey(certificate, key) == 1);
  return certificate;
}

void certificate_sign(X509 *certificate, const authority_t *issuer)
{
  SOFT_MUST(X509_set_issuer_name(certificate, X509_get_subject_name(issuer->certificate)) == 1);
  SOFT_MUST(X509_sign(certificate, issuer->key, issuer->signs_by_md5 ? EVP_md5() : EVP_sha256()) > 0);
}

bytes_t certificate_der(arena_t *arena, X509 *certificate)
{
  uint8_t *der = NULL;
  int len = i2d_X509(certificate, &der);
  SOFT_MUST(len > 0);
  bytes_t copy = arena_copy(arena, bytes_of(der, (size_t)len));
  SOFT_MUST(copy.data != NULL);
  OPENSSL_free(der);
  return copy;
}

/* As certificate_sign does. */
static bytes_t signature_over(arena_t *arena, bytes_t tbs, const authority_t *issuer)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  uint8_t bits[1 + 512] = {0}; /* of a BIT STRING: none unused, the signature */
  size_t len = sizeof(bits) - 1;
  const EVP_MD *digest = issuer->signs_by_md5 ? EVP_md5() : EVP_sha256();
  SOFT_MUST(context != NULL && EVP_DigestSignInit(context, NULL, digest, NULL, issuer->key) == 1);
  SOFT_MUST(EVP_DigestSign(context, bits + 1, &len, tbs.data, tbs.len) == 1);
  EVP_MD_CTX_free(context);
  return der_build(arena, 0x03, bytes_of(bits, len + 1));
}

/* Certificate (RFC 5280 section 4.1): SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } */
bytes_t certificate_der_bent(arena_t *arena, X509 *certificate, const authority_t *issuer,
                             const soft_bend_t *bend)
{
  if (bend == NULL)
    return certificate_der(arena, certificate);
  uint8_t *tbs = NULL, *algorithm = NULL;
  int tbs_len = i2d_re_X509_tbs(certificate, &tbs);
  int algorithm_len = i2d_X509_ALGOR(X509_get0_tbs_sigalg(certificate), &algorithm);
  SOFT_MUST(tbs_len > 0 && algorithm_len > 0);
  bytes_t bent = soft_bend(bend, arena, "tbs", arena_copy(arena, bytes_of(tbs, (size_t)tbs_len)));
  bytes_t parts[] = {bent, bytes_of(algorithm, (size_t)algorithm_len), signature_over(arena, bent, issuer)};
  bytes_t der = der_build(arena, 0x30, der_join(arena, parts, 3));
  OPENSSL_free(tbs);
  OPENSSL_free(algorithm);
  return der;
}

const char *certificate_pem(arena_t *arena, bytes_t der)
{
  const unsigned char *at = der.data;
  X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
  BIO *bio = BIO_new(BIO_s_mem());
  char *text = NULL;
  SOFT_MUST(certificate != NULL && bio != NULL && PEM_write_bio_X509(bio, certificate) == 1);
  long len = BIO_get_mem_data(bio, &text);
  const char *copy = arena_string(arena, bytes_of(text, (size_t)len));
  SOFT_MUST(copy != NULL);
  BIO_free(bio);
  X509_free(certificate);
  return copy;
}

/* Odd numbers of their size, with no more sense in them than that. */
static EVP_PKEY *rsa_of(int modulus_bits, int exponent_bits)
{
  BIGNUM *n = BN_new(), *e = BN_new();
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  SOFT_MUST(n != NULL && e != NULL && builder != NULL);
  SOFT_MUST(BN_rand(n, modulus_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) == 1);
  SOFT_MUST(BN_rand(e, exponent_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) == 1);
  SOFT_MUST(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
            OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1);
  OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
  EVP_PKEY *key = NULL;
  SOFT_MUST(parameters != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
            EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(n);
  BN_free(e);
  return key;
}

static EVP_PKEY *key_of(authority_key_t kind)
{
  if (kind == AUTHORITY_KEY_RSA)
    return EVP_RSA_gen(2048);
  if (kind == AUTHORITY_KEY_HUGE_RSA)
    return rsa_of(16384, 17);
  if (kind == AUTHORITY_KEY_RSA_EXPONENT)
    return rsa_of(2048, 2047);
  if (kind == AUTHORITY_KEY_X25519)
    return EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
  EVP_PKEY *key = EVP_EC_gen("P-256");
  if (kind == AUTHORITY_KEY_EXPLICIT_CURVE)
    SOFT_MUST(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit") == 1);
  return key;
}

/* NameConstraints: permitted { directoryName { O = Nobody } } */
static const soft_extension_t NOBODY = {
    "2.5.29.30", true,
    BYTES_LITERAL(
        "\x30\x19\xa0\x17\x30\x15\xa4\x13\x30\x11\x31\x0f\x30\x0d\x06\x03\x55\x04\x0a\x0c\x06Nobody")};

static const soft_extension_t UNREADABLE = {"2.5.29.35", false, BYTES_LITERAL("\x30\x02\x30")};

static void add_wanted(X509 *certificate, int nid, const char *wanted, const char *usual)
{
  const char *value = wanted != NULL ? wanted : usual;
  if (value[0] != '\0')
    certificate_add_extension(certificate, nid, value);
}

authority_t authority_new(const char *name, const authority_spec_t *spec, const authority_t *issuer)
{
  uint16_t serial = 0;
  random_fill(&serial, sizeof(serial));
  authority_t authority = {.key = key_of(spec->key)};
  SOFT_MUST(authority.key != NULL);
  authority.certificate =
      certificate_new(authority.key, 1 + serial, spec->from != NULL ? spec->from : TIME_PAST,
                      spec->to != NULL ? spec->to : TIME_FUTURE);
  X509_NAME *subject = X509_get_subject_name(authority.certificate);
  certificate_add_name(subject, "C", "JP");
  certificate_add_name(subject, "CN", name);
  add_wanted(authority.certificate, NID_basic_constraints, spec->basic_constraints, "critical,CA:TRUE");
  add_wanted(authority.certificate, NID_key_usage, spec->key_usage, "critical,keyCertSign");
  if (spec->names_others_only)
    certificate_add_raw_extension(authority.certificate, &NOBODY);
  if (spec->has_unreadable)
    certificate_add_raw_extension(authority.certificate, &UNREADABLE);
  certificate_crowd(authority.certificate, spec->extensions);
  certificate_sign(authority.certificate, issuer != NULL ? issuer : &authority);
  authority.signs_by_md5 = spec->signs_by_md5;
  if (spec->signs_with_other_key) {
    bool is_rsa = EVP_PKEY_is_a(authority.key, "RSA") == 1; /* OpenSSL looks at the kind first */
    EVP_PKEY_free(authority.key);
    authority.key = is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    SOFT_MUST(authority.key != NULL);
  }
  return authority;
}

void authority_done(authority_t *authority)
{
  X509_free(authority->certificate);
  EVP_PKEY_free(authority->key);
}
