#include "attestation_ca.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "credential.h"
#include "der_build.h"
#include "soft_check.h"

#define TIME_PAST "200101000000Z"
#define TIME_FUTURE "491231000000Z"
#define AAGUID_OID "1.3.6.1.4.1.45724.1.1.4"

typedef struct authority {
  EVP_PKEY *key;
  X509 *certificate;
} authority_t;

struct attestation_ca {
  authority_t root, intermediate, expired_intermediate, other_root;
  char *root_pem;
};

static const char *const CERTIFICATE_FAULTS[CERTIFICATE_FAULT_COUNT] = {
    "good",           "version-1",      "no-country",      "long-country", "no-organisation",
    "no-unit",        "other-unit",     "no-name",         "is-ca",        "no-basic-constraints",
    "aaguid-matches", "aaguid-differs", "aaguid-critical", "expired",      "not-yet-valid",
    "other-curve",    "other-root"};
static const char *const CHAIN_FAULTS[CHAIN_FAULT_COUNT] = {
    "good",  "intermediate", "intermediate-expired", "with-root", "reversed", "duplicate", "fifty", "huge",
    "empty", "trailing"};

static int find(const char *name, const char *const *names, int count)
{
  for (int i = 0; i < count; i++)
    if (strcmp(name, names[i]) == 0)
      return i;
  return -1;
}

int certificate_fault_parse(const char *name)
{
  return find(name, CERTIFICATE_FAULTS, CERTIFICATE_FAULT_COUNT);
}

int chain_fault_parse(const char *name)
{
  return find(name, CHAIN_FAULTS, CHAIN_FAULT_COUNT);
}

static void add_name(X509_NAME *name, const char *field, const char *value)
{
  SOFT_MUST(X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC, (const unsigned char *)value, -1, -1, 0) ==
            1);
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
  SOFT_MUST(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

static X509 *certificate_new(EVP_PKEY *key, long serial, const char *from, const char *to)
{
  X509 *certificate = X509_new();
  SOFT_MUST(certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1);
  SOFT_MUST(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1);
  SOFT_MUST(ASN1_TIME_set_string(X509_getm_notBefore(certificate), from) == 1);
  SOFT_MUST(ASN1_TIME_set_string(X509_getm_notAfter(certificate), to) == 1);
  SOFT_MUST(X509_set_pubkey(certificate, key) == 1);
  return certificate;
}

static void sign_by(X509 *certificate, const authority_t *issuer)
{
  SOFT_MUST(X509_set_issuer_name(certificate, X509_get_subject_name(issuer->certificate)) == 1);
  SOFT_MUST(X509_sign(certificate, issuer->key, EVP_sha256()) > 0);
}

/* issuer NULL: signs itself. */
static authority_t authority_new(const char *name, long serial, const char *to, const authority_t *issuer)
{
  authority_t authority = {.key = EVP_EC_gen("P-256")};
  SOFT_MUST(authority.key != NULL);
  authority.certificate = certificate_new(authority.key, serial, TIME_PAST, to);
  X509_NAME *subject = X509_get_subject_name(authority.certificate);
  add_name(subject, "C", "JP");
  add_name(subject, "CN", name);
  add_extension(authority.certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(authority.certificate, NID_key_usage, "critical,keyCertSign");
  sign_by(authority.certificate, issuer != NULL ? issuer : &authority);
  return authority;
}

static void authority_done(authority_t *authority)
{
  X509_free(authority->certificate);
  EVP_PKEY_free(authority->key);
}

attestation_ca_t *attestation_ca_new(void)
{
  attestation_ca_t *ca = calloc(1, sizeof(*ca));
  SOFT_MUST(ca != NULL);
  ca->root = authority_new("Soft Root", 1, TIME_FUTURE, NULL);
  ca->other_root = authority_new("Other Root", 2, TIME_FUTURE, NULL);
  ca->intermediate = authority_new("Soft Intermediate", 3, TIME_FUTURE, &ca->root);
  ca->expired_intermediate = authority_new("Soft Intermediate", 4, "210101000000Z", &ca->root);
  BIO *bio = BIO_new(BIO_s_mem());
  char *text = NULL;
  SOFT_MUST(bio != NULL && PEM_write_bio_X509(bio, ca->root.certificate) == 1);
  long len = BIO_get_mem_data(bio, &text);
  ca->root_pem = strndup(text, (size_t)len);
  SOFT_MUST(ca->root_pem != NULL);
  BIO_free(bio);
  return ca;
}

void attestation_ca_free(attestation_ca_t *ca)
{
  if (ca == NULL)
    return;
  authority_done(&ca->root);
  authority_done(&ca->other_root);
  authority_done(&ca->intermediate);
  authority_done(&ca->expired_intermediate);
  free(ca->root_pem);
  free(ca);
}

const char *attestation_ca_root_pem(const attestation_ca_t *ca)
{
  return ca->root_pem;
}

static void leaf_subject(X509 *leaf, certificate_fault_t fault)
{
  X509_NAME *subject = X509_get_subject_name(leaf);
  if (fault == CERTIFICATE_LONG_COUNTRY) { /* OpenSSL would not take it under the name C's bounds */
    X509_NAME_ENTRY *entry = X509_NAME_ENTRY_create_by_NID(NULL, NID_organizationName, MBSTRING_ASC,
                                                           (const unsigned char *)"JPN", 3);
    SOFT_MUST(entry != NULL && X509_NAME_ENTRY_set_object(entry, OBJ_nid2obj(NID_countryName)) == 1);
    SOFT_MUST(X509_NAME_add_entry(subject, entry, -1, 0) == 1);
    X509_NAME_ENTRY_free(entry);
  } else if (fault != CERTIFICATE_NO_COUNTRY) {
    add_name(subject, "C", "JP");
  }
  if (fault != CERTIFICATE_NO_ORGANISATION)
    add_name(subject, "O", "Sekisho Tests");
  if (fault != CERTIFICATE_NO_UNIT)
    add_name(subject, "OU",
             fault == CERTIFICATE_OTHER_UNIT ? "Authenticator attestation" : "Authenticator Attestation");
  if (fault != CERTIFICATE_NO_NAME)
    add_name(subject, "CN", "Soft Authenticator");
}

static void leaf_extension(X509 *leaf, const soft_extension_t *extension)
{
  ASN1_OBJECT *oid = OBJ_txt2obj(extension->oid, 1);
  ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
  SOFT_MUST(oid != NULL && octets != NULL &&
            ASN1_OCTET_STRING_set(octets, extension->value.data, (int)extension->value.len) == 1);
  X509_EXTENSION *made = X509_EXTENSION_create_by_OBJ(NULL, oid, extension->critical, octets);
  SOFT_MUST(made != NULL && X509_add_ext(leaf, made, -1) == 1);
  X509_EXTENSION_free(made);
  ASN1_OCTET_STRING_free(octets);
  ASN1_OBJECT_free(oid);
}

static void leaf_aaguid(X509 *leaf, bytes_t aaguid, certificate_fault_t fault)
{
  uint8_t value[2 + 16] = {V_ASN1_OCTET_STRING, 16};
  if (fault != CERTIFICATE_AAGUID_MATCHES && fault != CERTIFICATE_AAGUID_DIFFERS &&
      fault != CERTIFICATE_AAGUID_CRITICAL)
    return;
  memcpy(value + 2, aaguid.data, 16);
  if (fault == CERTIFICATE_AAGUID_DIFFERS)
    value[2] ^= 1;
  const soft_extension_t extension = {AAGUID_OID, fault == CERTIFICATE_AAGUID_CRITICAL,
                                      bytes_of(value, sizeof(value))};
  leaf_extension(leaf, &extension);
}

static X509 *leaf_new(const soft_leaf_t *wanted, const authority_t *issuer)
{
  certificate_fault_t fault = wanted->fault;
  const char *from = fault == CERTIFICATE_NOT_YET_VALID ? "480101000000Z" : TIME_PAST;
  const char *to = fault == CERTIFICATE_EXPIRED ? "210101000000Z" : TIME_FUTURE;
  X509 *leaf = certificate_new(wanted->key, 100, from, to);
  if (!wanted->empty_subject)
    leaf_subject(leaf, fault);
  if (fault == CERTIFICATE_VERSION_1) {
    SOFT_MUST(X509_set_version(leaf, X509_VERSION_1) == 1);
  } else if (fault != CERTIFICATE_NO_BASIC_CONSTRAINTS) {
    add_extension(leaf, NID_basic_constraints,
                  fault == CERTIFICATE_IS_CA ? "critical,CA:TRUE" : "critical,CA:FALSE");
  }
  leaf_aaguid(leaf, wanted->aaguid, fault);
  for (size_t i = 0; i < wanted->extension_count; i++)
    leaf_extension(leaf, &wanted->extensions[i]);
  sign_by(leaf, issuer);
  return leaf;
}

static bytes_t der_of(arena_t *arena, X509 *certificate)
{
  uint8_t *der = NULL;
  int len = i2d_X509(certificate, &der);
  SOFT_MUST(len > 0);
  bytes_t copy = arena_copy(arena, bytes_of(der, (size_t)len));
  SOFT_MUST(copy.data != NULL);
  OPENSSL_free(der);
  return copy;
}

static bytes_t padded(arena_t *arena, bytes_t bytes, size_t more)
{
  builder_t builder = arena_builder(arena, bytes.len + more);
  builder_add(&builder, bytes);
  for (size_t i = 0; i < more; i++)
    builder_add_u8(&builder, 0);
  SOFT_MUST(!builder.failed);
  return builder_bytes(&builder);
}

bytes_t soft_bend(const soft_bend_t *bend, arena_t *arena, const char *name, bytes_t bytes)
{
  return bend != NULL ? bend->part(bend->context, arena, name, bytes) : bytes;
}

/* The certificate with another body, signed as the first was: SEQUENCE { tbs, algorithm, BIT STRING }. */
static bytes_t sign_again(arena_t *arena, bytes_t tbs, const authority_t *issuer)
{
  static const uint8_t ECDSA_SHA256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                         0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
  uint8_t signature[1 + 128] = {0};
  size_t len = sizeof(signature) - 1;
  soft_sign(-7, issuer->key, tbs, signature + 1, &len);
  bytes_t parts[] = {tbs, bytes_of(ECDSA_SHA256, sizeof(ECDSA_SHA256)),
                     der_build(arena, 0x03, bytes_of(signature, len + 1))};
  return der_build(arena, 0x30, der_join(arena, parts, 3));
}

static bytes_t bend_leaf(const soft_leaf_t *wanted, arena_t *arena, X509 *leaf, const authority_t *issuer)
{
  uint8_t *der = NULL;
  int len = i2d_re_X509_tbs(leaf, &der);
  SOFT_MUST(len > 0);
  bytes_t tbs = arena_copy(arena, bytes_of(der, (size_t)len));
  OPENSSL_free(der);
  return sign_again(arena, soft_bend(wanted->bend, arena, "tbs", tbs), issuer);
}

static void push(soft_chain_t *chain, bytes_t der)
{
  chain->certificates[chain->count++] = der;
}

static void arrange(const attestation_ca_t *ca, arena_t *arena, bytes_t leaf, chain_fault_t fault,
                    soft_chain_t *chain)
{
  bool expired = fault == CHAIN_INTERMEDIATE_EXPIRED;
  bytes_t issuer =
      der_of(arena, expired ? ca->expired_intermediate.certificate : ca->intermediate.certificate);
  if (fault == CHAIN_EMPTY)
    return;
  if (fault == CHAIN_REVERSED)
    push(chain, issuer);
  push(chain, fault == CHAIN_TRAILING ? padded(arena, leaf, 1) : leaf);
  if (fault == CHAIN_INTERMEDIATE || expired)
    push(chain, issuer);
  if (fault == CHAIN_WITH_ROOT)
    push(chain, der_of(arena, ca->root.certificate));
  if (fault == CHAIN_DUPLICATE)
    push(chain, leaf);
  if (fault == CHAIN_HUGE)
    push(chain, padded(arena, issuer, 30000));
  while (fault == CHAIN_FIFTY && chain->count < SOFT_CHAIN_MAX)
    push(chain, issuer);
}

void attestation_ca_certify(const attestation_ca_t *ca, arena_t *arena, const soft_leaf_t *wanted,
                            chain_fault_t chain_fault, soft_chain_t *ret_chain)
{
  const authority_t *issuer = &ca->root;
  if (wanted->fault == CERTIFICATE_OTHER_ROOT)
    issuer = &ca->other_root;
  else if (chain_fault == CHAIN_INTERMEDIATE || chain_fault == CHAIN_REVERSED)
    issuer = &ca->intermediate;
  else if (chain_fault == CHAIN_INTERMEDIATE_EXPIRED)
    issuer = &ca->expired_intermediate;
  *ret_chain = (soft_chain_t){0};
  X509 *leaf = leaf_new(wanted, issuer);
  bytes_t der = wanted->bend != NULL ? bend_leaf(wanted, arena, leaf, issuer) : der_of(arena, leaf);
  arrange(ca, arena, der, chain_fault, ret_chain);
  X509_free(leaf);
}

void attestation_ca_issue(const attestation_ca_t *ca, arena_t *arena, bytes_t aaguid,
                          certificate_fault_t fault, chain_fault_t chain_fault, const soft_bend_t *bend,
                          soft_chain_t *ret_chain)
{
  EVP_PKEY *key = EVP_EC_gen(fault == CERTIFICATE_OTHER_CURVE ? "P-384" : "P-256");
  SOFT_MUST(key != NULL);
  const soft_leaf_t leaf = {.key = key, .aaguid = aaguid, .fault = fault, .bend = bend};
  attestation_ca_certify(ca, arena, &leaf, chain_fault, ret_chain);
  ret_chain->key = key;
}
