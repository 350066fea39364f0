#include "soft_metadata.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "authority.h"
#include "base/encoding.h"
#include "soft_check.h"

#define TIME_EXPIRED "210101000000Z"
#define LEAF_SERIAL 100
#define CHAIN_MAX 3

struct soft_metadata {
  authority_t root, intermediate, expired_intermediate, other_root, other_intermediate;
  EVP_PKEY *key, *rsa;
  arena_t *arena;
  const char *root_pem; /* in the arena */
};

static const authority_spec_t SIGNS_LISTS = {.key_usage = "critical,keyCertSign,cRLSign"};
static const authority_spec_t EXPIRED = {.key_usage = "critical,keyCertSign,cRLSign", .to = TIME_EXPIRED};

static const char *const FAULTS[METADATA_FAULT_COUNT] = {"good",
                                                         "rs256",
                                                         "by-root",
                                                         "with-root",
                                                         "bad-signature",
                                                         "other-payload",
                                                         "alg-none",
                                                         "alg-hs256",
                                                         "alg-other",
                                                         "x5u",
                                                         "crit",
                                                         "other-root",
                                                         "no-intermediate",
                                                         "no-certificates",
                                                         "expired-leaf",
                                                         "expired-intermediate",
                                                         "leaf-is-no-ca",
                                                         "other-name",
                                                         "gzip",
                                                         "jws-json",
                                                         "cut"};
static const char *const REVOKED[] = {"none", "leaf", "intermediate", "expired", "root-alone"};

static int find(const char *name, const char *const *names, int count)
{
  for (int i = 0; i < count; i++)
    if (strcmp(name, names[i]) == 0)
      return i;
  return -1;
}

int metadata_fault_parse(const char *name)
{
  return find(name, FAULTS, METADATA_FAULT_COUNT);
}

int metadata_revoked_parse(const char *name)
{
  return find(name, REVOKED, sizeof REVOKED / sizeof *REVOKED);
}

soft_metadata_t *soft_metadata_new(void)
{
  soft_metadata_t *metadata = calloc(1, sizeof *metadata);
  SOFT_MUST(metadata != NULL);
  metadata->arena = arena_new(4096, 64 * 1024);
  SOFT_MUST(metadata->arena != NULL);
  metadata->root = authority_new("Metadata Root", &SIGNS_LISTS, NULL);
  metadata->intermediate = authority_new("Metadata Intermediate", &SIGNS_LISTS, &metadata->root);
  metadata->expired_intermediate = authority_new("Metadata Intermediate", &EXPIRED, &metadata->root);
  metadata->other_root = authority_new("Metadata Root", &SIGNS_LISTS, NULL);
  metadata->other_intermediate = authority_new("Metadata Intermediate", &SIGNS_LISTS, &metadata->other_root);
  metadata->key = EVP_EC_gen("P-256");
  metadata->rsa = EVP_RSA_gen(2048);
  SOFT_MUST(metadata->key != NULL && metadata->rsa != NULL);
  metadata->root_pem =
      certificate_pem(metadata->arena, certificate_der(metadata->arena, metadata->root.certificate));
  return metadata;
}

void soft_metadata_free(soft_metadata_t *metadata)
{
  if (metadata == NULL)
    return;
  authority_done(&metadata->root);
  authority_done(&metadata->intermediate);
  authority_done(&metadata->expired_intermediate);
  authority_done(&metadata->other_root);
  authority_done(&metadata->other_intermediate);
  EVP_PKEY_free(metadata->key);
  EVP_PKEY_free(metadata->rsa);
  arena_free(metadata->arena);
  free(metadata);
}

const char *soft_metadata_root_pem(const soft_metadata_t *metadata)
{
  return metadata->root_pem;
}

/* --- revocation --- */

static X509_CRL *crl_new(const authority_t *issuer, const ASN1_INTEGER *revoked_serial, bool expired)
{
  X509_CRL *crl = X509_CRL_new();
  ASN1_TIME *from = ASN1_TIME_new(), *to = ASN1_TIME_new();
  SOFT_MUST(crl != NULL && from != NULL && to != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
  SOFT_MUST(ASN1_TIME_set_string(from, TIME_PAST) == 1);
  SOFT_MUST(ASN1_TIME_set_string(to, expired ? TIME_EXPIRED : TIME_FUTURE) == 1);
  SOFT_MUST(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->certificate)) == 1);
  SOFT_MUST(X509_CRL_set1_lastUpdate(crl, from) == 1 && X509_CRL_set1_nextUpdate(crl, to) == 1);
  if (revoked_serial != NULL) {
    X509_REVOKED *revoked = X509_REVOKED_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_dup(revoked_serial);
    SOFT_MUST(revoked != NULL && serial != NULL);
    SOFT_MUST(X509_REVOKED_set_serialNumber(revoked, serial) == 1 &&
              X509_REVOKED_set_revocationDate(revoked, from) == 1 &&
              X509_CRL_add0_revoked(crl, revoked) == 1);
    ASN1_INTEGER_free(serial);
  }
  SOFT_MUST(X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
  ASN1_TIME_free(from);
  ASN1_TIME_free(to);
  return crl;
}

static void add_crl(BIO *bio, const authority_t *issuer, const ASN1_INTEGER *revoked_serial, bool expired)
{
  X509_CRL *crl = crl_new(issuer, revoked_serial, expired);
  SOFT_MUST(PEM_write_bio_X509_CRL(bio, crl) == 1);
  X509_CRL_free(crl);
}

const char *soft_metadata_crls_pem(const soft_metadata_t *metadata, arena_t *arena,
                                   metadata_revoked_t revoked)
{
  BIO *bio = BIO_new(BIO_s_mem());
  char *text = NULL;
  SOFT_MUST(bio != NULL);
  const ASN1_INTEGER *intermediate = X509_get0_serialNumber(metadata->intermediate.certificate);
  ASN1_INTEGER *leaf = ASN1_INTEGER_new();
  bool expired = revoked == METADATA_CRLS_EXPIRED;
  SOFT_MUST(leaf != NULL && ASN1_INTEGER_set(leaf, LEAF_SERIAL) == 1);
  add_crl(bio, &metadata->root, revoked == METADATA_REVOKED_INTERMEDIATE ? intermediate : NULL, expired);
  if (revoked != METADATA_CRLS_OF_ROOT_ALONE)
    add_crl(bio, &metadata->intermediate, revoked == METADATA_REVOKED_LEAF ? leaf : NULL, expired);
  ASN1_INTEGER_free(leaf);
  long len = BIO_get_mem_data(bio, &text);
  const char *pem = arena_string(arena, bytes_of(text, (size_t)len));
  SOFT_MUST(pem != NULL);
  BIO_free(bio);
  return pem;
}

/* --- the document --- */

typedef struct signer {
  X509 *chain[CHAIN_MAX]; /* borrowed but the first */
  size_t count;
  EVP_PKEY *key; /* borrowed */
} signer_t;

static X509 *leaf_new(const authority_t *issuer, EVP_PKEY *key, metadata_fault_t fault)
{
  X509 *leaf = certificate_new(key, LEAF_SERIAL, TIME_PAST,
                               fault == METADATA_EXPIRED_LEAF ? TIME_EXPIRED : TIME_FUTURE);
  certificate_add_name(X509_get_subject_name(leaf), "CN", "Metadata Signer");
  certificate_add_extension(leaf, NID_basic_constraints, "critical,CA:FALSE");
  certificate_add_extension(leaf, NID_subject_alt_name,
                            fault == METADATA_OTHER_NAME ? "DNS:other.soft.example"
                                                         : "DNS:" SOFT_METADATA_NAME);
  certificate_sign(leaf, issuer);
  return leaf;
}

static signer_t signer_for(const soft_metadata_t *metadata, metadata_fault_t fault)
{
  const authority_t *issuer = fault == METADATA_OTHER_ROOT             ? &metadata->other_intermediate
                              : fault == METADATA_EXPIRED_INTERMEDIATE ? &metadata->expired_intermediate
                                                                       : &metadata->intermediate;
  signer_t signer = {.key = fault == METADATA_RS256 ? metadata->rsa : metadata->key};
  if (fault == METADATA_BY_ROOT) {
    signer.key = metadata->root.key;
    return signer;
  }
  signer.chain[signer.count++] = leaf_new(issuer, signer.key, fault);
  if (fault == METADATA_LEAF_IS_NO_CA) {
    authority_t first = {.key = metadata->key, .certificate = signer.chain[0]};
    signer.key = metadata->rsa;
    signer.chain[1] = signer.chain[0];
    signer.chain[0] = leaf_new(&first, signer.key, fault);
    signer.count = 2;
  }
  if (fault != METADATA_NO_INTERMEDIATE)
    signer.chain[signer.count++] = issuer->certificate;
  if (fault == METADATA_WITH_ROOT)
    signer.chain[signer.count++] = metadata->root.certificate;
  return signer;
}

static void signer_done(signer_t *signer, metadata_fault_t fault)
{
  if (signer->count > 0)
    X509_free(signer->chain[0]);
  if (fault == METADATA_LEAF_IS_NO_CA)
    X509_free(signer->chain[1]);
}

static char *x5c_member(arena_t *arena, const signer_t *signer)
{
  char *text = arena_format(arena, "%s", "");
  for (size_t i = 0; i < signer->count; i++) {
    uint8_t *der = NULL;
    int len = i2d_X509(signer->chain[i], &der);
    SOFT_MUST(len > 0);
    text = arena_format(arena, "%s%s\"%s\"", text, i > 0 ? "," : "",
                        base64_encode(arena, bytes_of(der, (size_t)len)));
    OPENSSL_free(der);
  }
  SOFT_MUST(text != NULL);
  return arena_format(arena, ",\"x5c\":[%s]", text);
}

static const char *header_of(arena_t *arena, const signer_t *signer, metadata_fault_t fault)
{
  bool rsa = EVP_PKEY_get_base_id(signer->key) == EVP_PKEY_RSA || fault == METADATA_ALG_OTHER;
  const char *alg = fault == METADATA_ALG_NONE    ? "none"
                    : fault == METADATA_ALG_HS256 ? "HS256"
                    : rsa                         ? "RS256"
                                                  : "ES256";
  bool certificates = signer->count > 0 && fault != METADATA_NO_CERTIFICATES;
  return arena_format(arena, "{\"alg\":\"%s\",\"typ\":\"JWT\"%s%s%s}", alg,
                      certificates ? x5c_member(arena, signer) : "",
                      fault == METADATA_X5U ? ",\"x5u\":\"https://mds.soft.example/chain\"" : "",
                      fault == METADATA_CRIT ? ",\"crit\":[\"exp\"]" : "");
}

/* ECDSA as JOSE has it: r and s, 32 bytes each. */
static bytes_t jose_signature(arena_t *arena, EVP_PKEY *key, bytes_t der)
{
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
    return arena_copy(arena, der);
  const unsigned char *at = der.data;
  uint8_t *raw = arena_alloc(arena, 64);
  ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
  SOFT_MUST(raw != NULL && signature != NULL);
  SOFT_MUST(BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, 32) == 32 &&
            BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + 32, 32) == 32);
  ECDSA_SIG_free(signature);
  return bytes_of(raw, 64);
}

static bytes_t sign(arena_t *arena, EVP_PKEY *key, bytes_t message)
{
  uint8_t der[512];
  size_t len = sizeof der;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  SOFT_MUST(context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1);
  SOFT_MUST(EVP_DigestSign(context, der, &len, message.data, message.len) == 1);
  EVP_MD_CTX_free(context);
  return jose_signature(arena, key, bytes_of(der, len));
}

static bytes_t as_damaged(arena_t *arena, const char *header, const char *payload, const char *signature,
                          metadata_fault_t fault)
{
  if (fault == METADATA_JWS_JSON)
    return bytes_of_string(arena_format(
        arena, "{\"protected\":\"%s\",\"payload\":\"%s\",\"signature\":\"%s\"}", header, payload, signature));
  char *text = arena_format(arena, "%s.%s.%s", header, payload, fault == METADATA_ALG_NONE ? "" : signature);
  SOFT_MUST(text != NULL);
  if (fault == METADATA_GZIP)
    memcpy(text, "\x1f\x8b\x08", 3);
  return bytes_of(text, fault == METADATA_CUT ? strlen(text) / 2 : strlen(text));
}

bytes_t soft_metadata_blob(const soft_metadata_t *metadata, arena_t *arena, bytes_t payload,
                           metadata_fault_t fault)
{
  signer_t signer = signer_for(metadata, fault);
  const char *header = base64url_encode(arena, bytes_of_string(header_of(arena, &signer, fault)));
  const char *encoded = base64url_encode(arena, payload);
  const char *input = arena_format(arena, "%s.%s", header, fault == METADATA_OTHER_PAYLOAD ? "e30" : encoded);
  SOFT_MUST(header != NULL && encoded != NULL && input != NULL);
  bytes_t signature = sign(arena, signer.key, bytes_of_string(input));
  SOFT_MUST(signature.data != NULL);
  if (fault == METADATA_BAD_SIGNATURE)
    ((uint8_t *)signature.data)[20] ^= 1;
  signer_done(&signer, fault);
  return as_damaged(arena, header, encoded, base64url_encode(arena, signature), fault);
}
