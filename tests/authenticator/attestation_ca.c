#include "attestation_ca.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "attestation_chain.h"
#include "soft_check.h"

#define AAGUID_OID "1.3.6.1.4.1.45724.1.1.4"
#define FIRMWARE_OID "1.3.6.1.4.1.45724.1.1.5"
#define SERIAL_OID "1.3.6.1.4.1.45724.1.1.2"
#define UNKNOWN_OID "1.3.6.1.4.1.45724.99"

struct attestation_ca {
  arena_t *arena;
  authority_t root, other_root;
  const char *root_pem;
};

static const char *const CERTIFICATE_FAULTS[CERTIFICATE_FAULT_COUNT] = {"good",
                                                                        "version-1",
                                                                        "no-country",
                                                                        "long-country",
                                                                        "no-organisation",
                                                                        "no-unit",
                                                                        "other-unit",
                                                                        "no-name",
                                                                        "is-ca",
                                                                        "no-basic-constraints",
                                                                        "aaguid-matches",
                                                                        "aaguid-differs",
                                                                        "aaguid-critical",
                                                                        "expired",
                                                                        "not-yet-valid",
                                                                        "other-curve",
                                                                        "other-root",
                                                                        "digit-country",
                                                                        "two-units",
                                                                        "aaguid-bare",
                                                                        "aaguid-short",
                                                                        "aaguid-twice",
                                                                        "device",
                                                                        "firmware-critical",
                                                                        "firmware-negative",
                                                                        "firmware-octets",
                                                                        "serial-critical",
                                                                        "constraints-twice",
                                                                        "explicit-curve",
                                                                        "huge-oid",
                                                                        "crowded",
                                                                        "crowded-value"};
static const char *const CHAIN_FAULTS[CHAIN_FAULT_COUNT] = {"good",
                                                            "intermediate",
                                                            "intermediate-expired",
                                                            "with-root",
                                                            "reversed",
                                                            "duplicate",
                                                            "fifty",
                                                            "huge",
                                                            "empty",
                                                            "trailing",
                                                            "eight",
                                                            "nine",
                                                            "skipped",
                                                            "unrelated",
                                                            "issuer-not-ca",
                                                            "issuer-without-constraints",
                                                            "issuer-may-not-sign",
                                                            "issuer-other-key",
                                                            "issuer-not-yet-valid",
                                                            "path-length-enough",
                                                            "path-length-exceeded",
                                                            "path-length-unread",
                                                            "issuer-may-not-sign-unread",
                                                            "name-constrained",
                                                            "issuer-huge-rsa",
                                                            "issuer-rsa-exponent",
                                                            "issuer-explicit-curve",
                                                            "issuer-x25519",
                                                            "issuer-signs-by-md5",
                                                            "root-twice",
                                                            "full",
                                                            "crowded"};

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

attestation_ca_t *attestation_ca_new(void)
{
  static const authority_spec_t USUAL;
  attestation_ca_t *ca = calloc(1, sizeof(*ca));
  SOFT_MUST(ca != NULL);
  ca->arena = arena_new(4096, 64 * 1024);
  SOFT_MUST(ca->arena != NULL);
  ca->root = authority_new("Soft Root", &USUAL, NULL);
  ca->other_root = authority_new("Other Root", &USUAL, NULL);
  ca->root_pem = certificate_pem(ca->arena, certificate_der(ca->arena, ca->root.certificate));
  return ca;
}

void attestation_ca_free(attestation_ca_t *ca)
{
  if (ca == NULL)
    return;
  authority_done(&ca->root);
  authority_done(&ca->other_root);
  arena_free(ca->arena);
  free(ca);
}

const char *attestation_ca_root_pem(const attestation_ca_t *ca)
{
  return ca->root_pem;
}

static void add_long_country(X509_NAME *subject) /* OpenSSL would not take it under the name C's bounds */
{
  X509_NAME_ENTRY *entry = X509_NAME_ENTRY_create_by_NID(NULL, NID_organizationName, MBSTRING_ASC,
                                                         (const unsigned char *)"JPN", 3);
  SOFT_MUST(entry != NULL && X509_NAME_ENTRY_set_object(entry, OBJ_nid2obj(NID_countryName)) == 1);
  SOFT_MUST(X509_NAME_add_entry(subject, entry, -1, 0) == 1);
  X509_NAME_ENTRY_free(entry);
}

static void leaf_subject(X509 *leaf, certificate_fault_t fault)
{
  X509_NAME *subject = X509_get_subject_name(leaf);
  if (fault == CERTIFICATE_LONG_COUNTRY)
    add_long_country(subject);
  else if (fault != CERTIFICATE_NO_COUNTRY)
    certificate_add_name(subject, "C", fault == CERTIFICATE_DIGIT_COUNTRY ? "81" : "JP");
  if (fault != CERTIFICATE_NO_ORGANISATION)
    certificate_add_name(subject, "O", "Sekisho Tests");
  if (fault != CERTIFICATE_NO_UNIT)
    certificate_add_name(subject, "OU",
                         fault == CERTIFICATE_OTHER_UNIT ? "Authenticator attestation"
                                                         : "Authenticator Attestation");
  if (fault == CERTIFICATE_TWO_UNITS)
    certificate_add_name(subject, "OU", "Another");
  if (fault != CERTIFICATE_NO_NAME)
    certificate_add_name(subject, "CN", "Soft Authenticator");
}

static void leaf_aaguid(X509 *leaf, bytes_t aaguid, certificate_fault_t fault)
{
  uint8_t value[2 + 16] = {V_ASN1_OCTET_STRING, 16};
  memcpy(value + 2, aaguid.data, 16);
  soft_extension_t extension = {AAGUID_OID, fault == CERTIFICATE_AAGUID_CRITICAL,
                                bytes_of(value, sizeof(value))};
  switch (fault) {
  case CERTIFICATE_AAGUID_DIFFERS:
    value[2] ^= 1;
    break;
  case CERTIFICATE_AAGUID_BARE:
    extension.value = aaguid;
    break;
  case CERTIFICATE_AAGUID_SHORT:
    value[1] = 15;
    extension.value.len--;
    break;
  case CERTIFICATE_AAGUID_TWICE:
    certificate_add_raw_extension(leaf, &extension);
    break;
  case CERTIFICATE_AAGUID_MATCHES:
  case CERTIFICATE_AAGUID_CRITICAL:
    break;
  default:
    return;
  }
  certificate_add_raw_extension(leaf, &extension);
}

static void leaf_device(X509 *leaf, certificate_fault_t fault)
{
  if (fault != CERTIFICATE_DEVICE && fault != CERTIFICATE_FIRMWARE_CRITICAL &&
      fault != CERTIFICATE_FIRMWARE_NEGATIVE && fault != CERTIFICATE_FIRMWARE_OCTETS &&
      fault != CERTIFICATE_SERIAL_CRITICAL)
    return;
  soft_extension_t firmware = {FIRMWARE_OID, fault == CERTIFICATE_FIRMWARE_CRITICAL,
                               BYTES_LITERAL("\x02\x01\x2a")};
  if (fault == CERTIFICATE_FIRMWARE_NEGATIVE)
    firmware.value = BYTES_LITERAL("\x02\x01\xff");
  if (fault == CERTIFICATE_FIRMWARE_OCTETS)
    firmware.value = BYTES_LITERAL("\x04\x01\x2a");
  const soft_extension_t serial = {SERIAL_OID, fault == CERTIFICATE_SERIAL_CRITICAL,
                                   BYTES_LITERAL("\x04\x04\x01\x02\x03\x04")};
  certificate_add_raw_extension(leaf, &firmware);
  certificate_add_raw_extension(leaf, &serial);
}

/* Extensions that are only large. */
static void leaf_bulk(X509 *leaf, certificate_fault_t fault)
{
  uint8_t bulk[6000];
  memset(bulk, 0x81, sizeof(bulk));
  if (fault == CERTIFICATE_CROWDED)
    certificate_crowd(leaf, 400);
  if (fault == CERTIFICATE_HUGE_OID) {
    bulk[sizeof(bulk) - 1] = 1;
    ASN1_OBJECT *oid = ASN1_OBJECT_create(NID_undef, bulk, sizeof(bulk), NULL, NULL);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, octets);
    SOFT_MUST(extension != NULL && X509_add_ext(leaf, extension, -1) == 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(octets);
    ASN1_OBJECT_free(oid);
  }
  if (fault == CERTIFICATE_CROWDED_VALUE) {
    for (size_t i = 0; i < sizeof(bulk); i += 2) {
      bulk[i] = V_ASN1_NULL;
      bulk[i + 1] = 0;
    }
    const soft_extension_t extension = {UNKNOWN_OID, false, bytes_of(bulk, sizeof(bulk))};
    certificate_add_raw_extension(leaf, &extension);
  }
}

static void leaf_constraints(X509 *leaf, certificate_fault_t fault)
{
  const char *value = fault == CERTIFICATE_IS_CA ? "critical,CA:TRUE" : "critical,CA:FALSE";
  if (fault == CERTIFICATE_VERSION_1) {
    SOFT_MUST(X509_set_version(leaf, X509_VERSION_1) == 1);
    return;
  }
  if (fault != CERTIFICATE_NO_BASIC_CONSTRAINTS)
    certificate_add_extension(leaf, NID_basic_constraints, value);
  if (fault == CERTIFICATE_CONSTRAINTS_TWICE)
    certificate_add_extension(leaf, NID_basic_constraints, value);
}

static X509 *leaf_new(const soft_leaf_t *wanted, const authority_t *issuer)
{
  certificate_fault_t fault = wanted->fault;
  const char *from = fault == CERTIFICATE_NOT_YET_VALID ? "480101000000Z" : TIME_PAST;
  const char *to = fault == CERTIFICATE_EXPIRED ? "210101000000Z" : TIME_FUTURE;
  X509 *leaf = certificate_new(wanted->key, 100, from, to);
  if (!wanted->empty_subject)
    leaf_subject(leaf, fault);
  leaf_constraints(leaf, fault);
  leaf_aaguid(leaf, wanted->aaguid.len == 16 ? wanted->aaguid : BYTES_LITERAL("0123456789abcdef"), fault);
  leaf_device(leaf, fault);
  leaf_bulk(leaf, fault);
  for (size_t i = 0; i < wanted->extension_count; i++)
    certificate_add_raw_extension(leaf, &wanted->extensions[i]);
  certificate_sign(leaf, issuer);
  return leaf;
}

bytes_t soft_bend(const soft_bend_t *bend, arena_t *arena, const char *name, bytes_t bytes)
{
  return bend != NULL ? bend->part(bend->context, arena, name, bytes) : bytes;
}

void attestation_ca_certify(const attestation_ca_t *ca, arena_t *arena, const soft_leaf_t *wanted,
                            chain_fault_t chain_fault, soft_chain_t *ret_chain)
{
  chain_links_t links;
  const authority_t *root = wanted->fault == CERTIFICATE_OTHER_ROOT ? &ca->other_root : &ca->root;
  chain_links_make(root, chain_fault, &links);
  const authority_t *issuer = links.count > 0 ? &links.links[0] : root;
  X509 *leaf = leaf_new(wanted, issuer);
  bytes_t der = certificate_der_bent(arena, leaf, issuer, wanted->bend);
  chain_arrange(arena, der, &links, root, &ca->other_root, chain_fault, ret_chain);
  chain_links_done(&links);
  X509_free(leaf);
}

void attestation_ca_issue(const attestation_ca_t *ca, arena_t *arena, bytes_t aaguid,
                          certificate_fault_t fault, chain_fault_t chain_fault, const soft_bend_t *bend,
                          soft_chain_t *ret_chain)
{
  EVP_PKEY *key = EVP_EC_gen(fault == CERTIFICATE_OTHER_CURVE ? "P-384" : "P-256");
  SOFT_MUST(key != NULL);
  if (fault == CERTIFICATE_EXPLICIT_CURVE)
    SOFT_MUST(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit") == 1);
  const soft_leaf_t leaf = {.key = key, .aaguid = aaguid, .fault = fault, .bend = bend};
  attestation_ca_certify(ca, arena, &leaf, chain_fault, ret_chain);
  ret_chain->key = key;
}
