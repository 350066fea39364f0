#include "metadata_faults.h"

#include "../unit/metadata_fixture.h"
#include "attestation_ca.h"
#include "call_faults.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/encoding.h"
#include "metadata/metadata_judge.h"
#include "webauthn/certificate.h"

#define REVOKED "{\"status\":\"REVOKED\"}"

/* One thing is wrong, or nothing. */
typedef struct document {
  metadata_fault_t fault;
  metadata_revoked_t revoked;
  bool good;
} document_t;

typedef struct sources {
  const document_t *document;
  const char *roots, *crls;
  bytes_t text;
} sources_t;

static const document_t DOCUMENTS[] = {
    {METADATA_GOOD, METADATA_REVOKED_NONE, true},
    {METADATA_RS256, METADATA_REVOKED_NONE, true},
    {METADATA_BAD_SIGNATURE, METADATA_REVOKED_NONE, false},
    {METADATA_OTHER_PAYLOAD, METADATA_REVOKED_NONE, false},
    {METADATA_ALG_OTHER, METADATA_REVOKED_NONE, false},
    {METADATA_OTHER_ROOT, METADATA_REVOKED_NONE, false},
    {METADATA_NO_CERTIFICATES, METADATA_REVOKED_NONE, false},
    {METADATA_EXPIRED_LEAF, METADATA_REVOKED_NONE, false},
    {METADATA_EXPIRED_INTERMEDIATE, METADATA_REVOKED_NONE, false},
    {METADATA_LEAF_IS_NO_CA, METADATA_REVOKED_NONE, false},
    {METADATA_OTHER_NAME, METADATA_REVOKED_NONE, false},
    {METADATA_GOOD, METADATA_REVOKED_LEAF, false},
    {METADATA_GOOD, METADATA_REVOKED_INTERMEDIATE, false},
    {METADATA_GOOD, METADATA_CRLS_EXPIRED, false},
    {METADATA_GOOD, METADATA_CRLS_OF_ROOT_ALONE, false},
};

static error_code_t read_document(const sources_t *sources)
{
  CLEANUP(metadata_signer_drop) metadata_signer_t *signer = NULL;
  CLEANUP(metadata_drop) metadata_t *metadata = NULL;
  metadata_blob_t blob;
  error_detail_t detail;
  error_code_t code = metadata_signer_new(&signer);
  if (code == ERR_NONE)
    code = metadata_signer_add_roots(signer, bytes_of_string(sources->roots));
  if (code == ERR_NONE)
    code = metadata_signer_add_crls(signer, bytes_of_string(sources->crls));
  if (code == ERR_NONE)
    code = metadata_signer_set_name(signer, SOFT_METADATA_NAME);
  if (code == ERR_NONE)
    code = metadata_new(&metadata);
  if (code != ERR_NONE)
    return code;
  code = metadata_blob_read(metadata, sources->text, signer, NOW_MS, &blob, &detail);
  assert_int_equal(metadata_count(metadata), code == ERR_NONE ? 1 : 0);
  return code == ERR_NONE ? metadata_seal(metadata) : code;
}

static void fail_each(const sources_t *sources, fault_kind_t kind)
{
  bool good = sources->document->good, has_struck = true;
  for (long nth = 0; has_struck; nth += 1 + (kind == FAULT_OF_CALLS ? 0 : nth / 20)) {
    fault_arm(kind, nth);
    error_code_t code = read_document(sources);
    has_struck = fault_disarm();
    ERR_clear_error();
    if (!good && code == ERR_NONE)
      print_message("fault %d, revoked %d: %s number %ld failed, and it was taken\n",
                    (int)sources->document->fault, (int)sources->document->revoked, fault_name(), nth);
    assert_true(good || code != ERR_NONE);
    assert_true((read_document(sources) == ERR_NONE) == good);
    ERR_clear_error();
  }
}

void documents_whose_calls_fail(void **state)
{
  service_t *service = *state;
  const char *entries = service_entry(service, MODEL_A, "", REVOKED);
  for (size_t i = 0; i < ARRAY_LENGTH(DOCUMENTS); i++) {
    const sources_t sources = {
        .document = &DOCUMENTS[i],
        .roots = soft_metadata_root_pem(service->soft),
        .crls = soft_metadata_crls_pem(service->soft, service->arena, DOCUMENTS[i].revoked),
        .text = service_blob(service, entries, DOCUMENTS[i].fault)};
    fail_each(&sources, FAULT_OF_CALLS);
    fail_each(&sources, FAULT_OF_ALLOCATIONS);
  }
}

static bytes_t first_list(const service_t *service)
{
  const char *pem = soft_metadata_crls_pem(service->soft, service->arena, METADATA_REVOKED_NONE);
  BIO *bio = BIO_new_mem_buf(pem, -1);
  X509_CRL *list = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
  uint8_t *der = NULL;
  int len = i2d_X509_CRL(list, &der);
  assert_true(len > 0);
  bytes_t copy = arena_copy(service->arena, bytes_of(der, (size_t)len));
  OPENSSL_free(der);
  X509_CRL_free(list);
  BIO_free(bio);
  return copy;
}

/* A list that was lost must be said, or the revoked sign on. */
void lists_in_DER_whose_calls_fail(void **state)
{
  service_t *service = *state;
  bytes_t list = first_list(service);
  bool has_struck = true;
  for (long nth = 0; has_struck; nth++) {
    CLEANUP(metadata_signer_drop) metadata_signer_t *signer = NULL;
    assert_ok(metadata_signer_new(&signer));
    fault_arm(FAULT_OF_CALLS, nth);
    error_code_t code = metadata_signer_add_crls(signer, list);
    has_struck = fault_disarm();
    ERR_clear_error();
    assert_true((code == ERR_NONE) != has_struck);
    assert_true(metadata_signer_checks_revocation(signer) != has_struck);
  }
}

/* A U2F key is known by its attestation certificate: of one that is revoked, nobody says that it is unknown.
 */
void models_by_key_whose_calls_fail(void **state)
{
  static const uint8_t ZERO[AAGUID_LENGTH] = {0};
  static const fault_kind_t KINDS[] = {FAULT_OF_CALLS, FAULT_OF_ALLOCATIONS};
  service_t *service = *state;
  attestation_ca_t *ca = attestation_ca_new();
  soft_chain_t chain;
  uint8_t identifier[KEY_IDENTIFIER_LENGTH];
  attestation_ca_issue(ca, service->arena, bytes_of(ZERO, sizeof ZERO), CERTIFICATE_GOOD, CHAIN_GOOD, NULL,
                       &chain);
  assert_ok(metadata_key_identifier(chain.certificates[0], identifier));
  service_serve(service, arena_format(service->arena,
                                      "{\"attestationCertificateKeyIdentifiers\":[\"%s\"],"
                                      "\"statusReports\":[" REVOKED "]}",
                                      hex_encode(service->arena, bytes_of(identifier, sizeof identifier))));
  const attestation_finding_t finding = {.type = ATTESTATION_BASIC,
                                         .algorithm = -7,
                                         .chain = {.certificates = {chain.certificates[0]}, .count = 1}};
  const attestation_claim_t claim = {.aaguid = bytes_of(ZERO, sizeof ZERO),
                                     .format = "fido-u2f",
                                     .finding = &finding,
                                     .algorithm = -7,
                                     .time_ms = NOW_MS};
  for (size_t i = 0; i < ARRAY_LENGTH(KINDS); i++) {
    bool has_struck = true;
    for (long nth = 0; has_struck; nth++) {
      metadata_facts_t facts;
      fault_arm(KINDS[i], nth);
      error_code_t code = metadata_judge(service->metadata, &claim, &facts, NULL);
      has_struck = fault_disarm();
      ERR_clear_error();
      assert_int_not_equal(code, ERR_NONE);
      assert_true(has_struck || code == ERR_AUTHENTICATOR_COMPROMISED);
    }
  }
  EVP_PKEY_free(chain.key);
  attestation_ca_free(ca);
}
