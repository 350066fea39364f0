#include "metadata_fixture.h"

#include "metadata/metadata_payload.h"

#define CERTIFIED "{\"status\":\"FIDO_CERTIFIED_L1\",\"effectiveDate\":\"2024-01-01\"}"

static void AT_22_a_good_document_is_taken(void **state)
{
  static const metadata_fault_t GOOD[] = {METADATA_GOOD, METADATA_RS256, METADATA_BY_ROOT,
                                          METADATA_WITH_ROOT};
  service_t *service = *state;
  const char *entries = service_entry(service, MODEL_A, "", CERTIFIED);
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++) {
    assert_ok(service_read(service, service_blob(service, entries, GOOD[i])));
    assert_int_equal(service->blob.number, 7);
    assert_int_equal(service->blob.model_count, 1);
    assert_non_null(service_model(service, MODEL_A));
    assert_null(service_model(service, MODEL_B));
  }
  assert_ok(metadata_signer_set_name(service->signer, SOFT_METADATA_NAME));
  service_serve(service, entries);
}

/* FC-170: the signature; FC-171: the chain. */
static void AT_22_FC_170_FC_171_any_other_is_refused_and_leaves_nothing(void **state)
{
  service_t *service = *state;
  const char *entries = service_entry(service, MODEL_A, "", CERTIFIED);
  assert_ok(metadata_signer_set_name(service->signer, SOFT_METADATA_NAME));
  for (int fault = METADATA_BAD_SIGNATURE; fault < METADATA_FAULT_COUNT; fault++) {
    assert_int_equal(service_read(service, service_blob(service, entries, (metadata_fault_t)fault)),
                     ERR_METADATA);
    assert_null(service_model(service, MODEL_A));
  }
}

static void AT_22_FC_172_revoked_signers_are_refused_when_lists_are_there(void **state)
{
  static const metadata_revoked_t BAD[] = {METADATA_REVOKED_LEAF, METADATA_REVOKED_INTERMEDIATE,
                                           METADATA_CRLS_EXPIRED, METADATA_CRLS_OF_ROOT_ALONE};
  service_t *service = *state;
  bytes_t blob = service_blob(service, "", METADATA_GOOD);
  assert_false(metadata_signer_checks_revocation(service->signer));
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    metadata_signer_free(service->signer);
    assert_ok(metadata_signer_new(&service->signer));
    assert_ok(
        metadata_signer_add_roots(service->signer, bytes_of_string(soft_metadata_root_pem(service->soft))));
    assert_ok(metadata_signer_add_crls(
        service->signer, bytes_of_string(soft_metadata_crls_pem(service->soft, service->arena, BAD[i]))));
    assert_true(metadata_signer_checks_revocation(service->signer));
    assert_int_equal(service_read(service, blob), ERR_METADATA);
  }
  metadata_signer_free(service->signer);
  assert_ok(metadata_signer_new(&service->signer));
  assert_ok(
      metadata_signer_add_roots(service->signer, bytes_of_string(soft_metadata_root_pem(service->soft))));
  assert_ok(metadata_signer_add_crls(
      service->signer,
      bytes_of_string(soft_metadata_crls_pem(service->soft, service->arena, METADATA_REVOKED_NONE))));
  assert_ok(service_read(service, blob));
}

static void roots_and_lists_are_read_whole_or_not_at_all(void **state)
{
  service_t *service = *state;
  metadata_signer_t *signer = service->signer;
  const char *root = soft_metadata_root_pem(service->soft);
  static const char *const BAD[] = {
      "", "not PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "0\x82"};
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    assert_int_equal(metadata_signer_add_roots(signer, bytes_of_string(BAD[i])), ERR_MALFORMED);
    assert_int_equal(metadata_signer_add_crls(signer, bytes_of_string(BAD[i])), ERR_MALFORMED);
  }
  assert_int_equal(metadata_signer_add_crls(signer, bytes_of_string(root)), ERR_MALFORMED);
  assert_int_equal(
      metadata_signer_add_roots(signer, bytes_of_string(arena_format(service->arena, "%s%s", root, BAD[2]))),
      ERR_MALFORMED);
}

static void payloads_are_one_strict_object(void **state)
{
  static const char *const BAD[] = {
      "",
      "[]",
      "{}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\"}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":{}}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[]",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[]}x",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[1]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[{},]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[{}{}]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[,{}]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[{]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[{\"a\":\"]}\"]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[{\"a\":1,\"a\":2}]}",
      "{\"no\":7,\"no\":8,\"nextUpdate\":\"2026-10-01\",\"entries\":[]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[],\"entries\":[]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[],\"entr\\u0069es\":[{}]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"x\":{\"entries\":[]}}",
      "{\"no\":\"7\",\"nextUpdate\":\"2026-10-01\",\"entries\":[]}",
      "{\"no\":-1,\"nextUpdate\":\"2026-10-01\",\"entries\":[]}",
      "{\"no\":7.5,\"nextUpdate\":\"2026-10-01\",\"entries\":[]}",
      "{\"nextUpdate\":\"2026-10-01\",\"entries\":[]}",
      "{\"no\":7,\"entries\":[]}",
      "{\"no\":7,\"nextUpdate\":20261001,\"entries\":[]}",
      "{\"no\":7,\"nextUpdate\":\"2026-13-01\",\"entries\":[]}",
      "{\"no\":7,\"nextUpdate\":\"2026-02-29\",\"entries\":[]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01T00:00:00Z\",\"entries\":[]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[{\"aaguid\":\"x\",\"statusReports\":[]}]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[{\"aaguid\":1,\"statusReports\":[]}]}",
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[{\"attestationCertificateKeyIdentifiers\":["
      "\"00\"],"
      "\"statusReports\":[]}]}"};
  service_t *service = *state;
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++) {
    bytes_t blob = soft_metadata_blob(service->soft, service->arena, bytes_of_string(BAD[i]), METADATA_GOOD);
    assert_int_equal(service_read(service, blob), ERR_METADATA);
  }
  static const char *const GOOD[] = {
      "{\"no\":7,\"nextUpdate\":\"2026-10-01\",\"entries\":[]}",
      " {\"a\":{\"entries\":[1]},\"b\":\"entries\",\"no\":7 ,\n\"entries\" :\t[ ] "
      ",\"nextUpdate\":\"2026-10-01\",\"c\":[]} ",
      "{\"entries\":[{\"x\":\"\\\"]}[{\"} , "
      "{\"aaid\":\"1234#5678\",\"statusReports\":[]}],\"no\":0,\"nextUpdate\":\"2028-02-29\"}"};
  for (size_t i = 0; i < ARRAY_LENGTH(GOOD); i++)
    assert_ok(service_read(
        service, soft_metadata_blob(service->soft, service->arena, bytes_of_string(GOOD[i]), METADATA_GOOD)));
  assert_int_equal(service->blob.ignored_count, 2);
}

static void too_large_documents_are_refused_unread(void **state)
{
  service_t *service = *state;
  size_t len = METADATA_BLOB_MAX_LENGTH + 1;
  char *large = malloc(len);
  assert_non_null(large);
  memset(large, 'a', len);
  assert_int_equal(service_read(service, bytes_of(large, len)), ERR_METADATA);
  free(large);
  assert_int_equal(service_read(service, BYTES_NONE), ERR_METADATA);
}

static metadata_blob_t read_number(service_t *service, long number, const char *next_update,
                                   const char *entries)
{
  bytes_t payload = service_payload(service, number, next_update, entries);
  assert_ok(service_read(service, soft_metadata_blob(service->soft, service->arena, payload, METADATA_GOOD)));
  return service->blob;
}

static error_code_t succeed(const metadata_blob_t *held, const metadata_blob_t *next, bool *same)
{
  error_detail_t detail = {""};
  error_code_t code = metadata_blob_check_successor(held, next, NOW_MS, same, &detail);
  assert_true((code == ERR_NONE) == (detail.text[0] == '\0'));
  return code;
}

static void AT_22_numbers_never_go_back(void **state)
{
  service_t *service = *state;
  metadata_blob_t held = read_number(service, 7, "2026-10-01", ""), same = held;
  metadata_blob_t lower = read_number(service, 6, "2026-10-01", "");
  metadata_blob_t equal = read_number(service, 7, "2026-10-02", "");
  metadata_blob_t higher = read_number(service, 8, "2026-10-01", "");
  metadata_blob_t much_higher = read_number(service, 100, "2026-10-01", "");
  bool is_same = true;
  assert_int_equal(succeed(&held, &lower, &is_same), ERR_METADATA);
  assert_int_equal(succeed(&held, &equal, &is_same), ERR_METADATA);
  assert_ok(succeed(&held, &higher, &is_same));
  assert_false(is_same);
  assert_ok(succeed(&held, &much_higher, &is_same));
  assert_ok(succeed(&held, &same, &is_same));
  assert_true(is_same);
  assert_ok(succeed(NULL, &lower, &is_same));
  assert_false(is_same);
}

static void AT_22_nothing_is_taken_behind_its_next_update(void **state)
{
  service_t *service = *state;
  metadata_blob_t today = read_number(service, 7, "2026-09-21", ""),
                  yesterday = read_number(service, 8, "2026-09-20", "");
  bool same;
  assert_false(metadata_blob_is_stale(&today, NOW_MS));
  assert_true(metadata_blob_is_stale(&yesterday, NOW_MS));
  assert_ok(succeed(NULL, &today, &same));
  assert_int_equal(succeed(NULL, &yesterday, &same), ERR_METADATA);
  assert_int_equal(succeed(&today, &yesterday, &same), ERR_METADATA);
  assert_ok(succeed(&yesterday, &yesterday, &same)); /* what is held ages, and stays */
  assert_true(same);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      SERVICE_TEST(AT_22_a_good_document_is_taken),
      SERVICE_TEST(AT_22_FC_170_FC_171_any_other_is_refused_and_leaves_nothing),
      SERVICE_TEST(AT_22_FC_172_revoked_signers_are_refused_when_lists_are_there),
      SERVICE_TEST(roots_and_lists_are_read_whole_or_not_at_all),
      SERVICE_TEST(payloads_are_one_strict_object),
      SERVICE_TEST(too_large_documents_are_refused_unread),
      SERVICE_TEST(AT_22_numbers_never_go_back),
      SERVICE_TEST(AT_22_nothing_is_taken_behind_its_next_update),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
