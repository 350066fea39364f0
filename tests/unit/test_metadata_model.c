#include "metadata_fixture.h"

#define PNG_ICON "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="
#define L1 "{\"status\":\"FIDO_CERTIFIED_L1\",\"effectiveDate\":\"2024-01-01\"}"

/* The certificate inside of a PEM text, its lines joined as given. */
static char *base64_of_pem(arena_t *arena, const char *pem, const char *between)
{
  char *text = arena_format(arena, "%s", "");
  const char *line = strchr(pem, '\n') + 1;
  while (strncmp(line, "-----", 5) != 0) {
    const char *end = strchr(line, '\n');
    text = arena_format(arena, "%s%.*s%s", text, (int)(end - line), line, between);
    line = end + 1;
  }
  return text;
}

static void members_that_somebody_asks_for_are_read(void **state)
{
  service_t *service = *state;
  char *root = base64_of_pem(service->arena, soft_metadata_root_pem(service->soft), "");
  char *statement = arena_format(
      service->arena,
      "\"authenticationAlgorithms\":[\"secp256r1_ecdsa_sha256_raw\",\"ed25519_eddsa_sha512_raw\"],"
      "\"attestationTypes\":[\"basic_full\",\"ecdaa\"],\"keyProtection\":[\"hardware\",\"secure_element\"],"
      "\"attestationRootCertificates\":[\"%s\"],\"icon\":\"" PNG_ICON "\",\"upv\":[{\"major\":1}],"
      "\"alternativeDescriptions\":{\"fr-FR\":\"Clé\",\"ja-JP\":\"鍵\"},\"somethingNew\":{\"a\":[null]}",
      root);
  service_serve(service, service_entry(service, MODEL_A, statement, L1));
  const metadata_model_t *model = service_model(service, MODEL_A);
  assert_non_null(model);
  assert_false(model->is_unusable);
  assert_true(model->has_statement);
  assert_int_equal(model->algorithms, registry_algorithm_of_cose(-7) | registry_algorithm_of_cose(-8));
  assert_int_equal(model->attestation_types, REGISTRY_BASIC_FULL | REGISTRY_ECDAA);
  assert_true(metadata_model_is_hardware(model));
  assert_int_equal(model->root_count, 1);
  assert_text_equal(model->name, "Key");
  assert_text_equal(model->name_ja, "鍵");
  assert_bytes_equal(model->icon, BYTES_LITERAL("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"));
  assert_int_equal(model->report_count, 1);
  assert_int_equal(model->reports[0].status, STATUS_FIDO_CERTIFIED_L1);
}

static void friendly_names_go_before_descriptions(void **state)
{
  service_t *service = *state;
  service_serve(service, service_entry(service, MODEL_A,
                                       "\"friendlyNames\":{\"en-US\":\"Pocket Key\",\"ja\":\"ポケットキー\"},"
                                       "\"alternativeDescriptions\":{\"ja-JP\":\"鍵\"}",
                                       L1));
  assert_text_equal(service_model(service, MODEL_A)->name, "Pocket Key");
  assert_text_equal(service_model(service, MODEL_A)->name_ja, "ポケットキー");
}

/* What is for people, or vouches, is lost alone; the model stays. */
static void unreadable_names_icons_and_roots_are_left_out(void **state)
{
  static const char *const STATEMENTS[] = {
      "\"icon\":\"data:image/svg+xml;base64,PHN2Zy8+\"",
      "\"icon\":\"data:image/png;base64,R0lGODlhAQABAAAAACw=\"", /* a GIF */
      "\"icon\":\"data:image/png;base64,iVBORw0KGgoA*AAA\"",
      "\"icon\":\"https://vendor.example/icon.png\"",
      "\"icon\":7",
      "\"attestationRootCertificates\":[\"AAAA\"]",
      "\"attestationRootCertificates\":[\"*\"]",
      "\"friendlyNames\":{\"en\":\"a\\u202eb\"}",
      "\"friendlyNames\":[]",
      "\"alternativeDescriptions\":{\"ja\":7}",
  };
  service_t *service = *state;
  for (size_t i = 0; i < ARRAY_LENGTH(STATEMENTS); i++) {
    service_serve(service, service_entry(service, MODEL_A, STATEMENTS[i], L1));
    const metadata_model_t *model = service_model(service, MODEL_A);
    assert_false(model->is_unusable);
    assert_int_equal(model->icon.len + model->root_count + model->name_ja.len, 0);
    assert_text_equal(model->name, "Key");
  }
}

static void roots_may_be_broken_over_lines(void **state)
{
  service_t *service = *state;
  const char *pem = soft_metadata_root_pem(service->soft);
  char *statement = arena_format(service->arena, "\"attestationRootCertificates\":[\" %s\",\"%s\",\"AAAA\"]",
                                 base64_of_pem(service->arena, pem, "\\n\\t"),
                                 base64_of_pem(service->arena, pem, "\\r\\n"));
  service_serve(service, service_entry(service, MODEL_A, statement, L1));
  const metadata_model_t *model = service_model(service, MODEL_A);
  assert_int_equal(model->root_count, 2);
  assert_ptr_equal(model->roots[0].data, model->roots[1].data); /* kept once */
}

static void keys_in_software_are_no_hardware(void **state)
{
  static const struct {
    const char *protection;
    bool hardware;
  } ROWS[] = {{"[\"hardware\"]", true},
              {"[\"hardware\",\"tee\"]", true},
              {"[\"secure_element\"]", true},
              {"[\"hardware\",\"remote_handle\"]", true},
              {"[\"software\"]", false},
              {"[\"tee\"]", false},
              {"[\"software\",\"tee\"]", false},
              {"[\"hardware\",\"software\"]", false},
              {"[]", false},
              {"[\"Hardware\"]", false}};
  service_t *service = *state;
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    char *statement = arena_format(service->arena, "\"keyProtection\":%s", ROWS[i].protection);
    service_serve(service, service_entry(service, MODEL_A, statement, L1));
    assert_int_equal(metadata_model_is_hardware(service_model(service, MODEL_A)), ROWS[i].hardware);
  }
}

static void models_whose_entry_cannot_be_read_are_kept_as_unusable(void **state)
{
  static const char *const ENTRIES[] = {
      "\"statusReports\":7",
      "\"x\":1",
      "\"statusReports\":[7]",
      "\"statusReports\":[{}]",
      "\"statusReports\":[{\"status\":7}]",
      "\"statusReports\":[{\"status\":\"REVOKED\",\"effectiveDate\":7}]",
      "\"statusReports\":[],\"metadataStatement\":7",
      "\"statusReports\":[],\"metadataStatement\":{\"aaguid\":\"" MODEL_B "\"}",
      "\"statusReports\":[],\"metadataStatement\":{\"aaguid\":7}",
      "\"statusReports\":[],\"metadataStatement\":{\"authenticationAlgorithms\":\"all\"}",
      "\"statusReports\":[],\"metadataStatement\":{\"attestationTypes\":[7]}",
      "\"statusReports\":[],\"metadataStatement\":{\"keyProtection\":{}}",
      "\"statusReports\":[],\"metadataStatement\":{\"attestationRootCertificates\":[7]}",
      "\"statusReports\":[],\"metadataStatement\":{\"description\":7}",
  };
  service_t *service = *state;
  for (size_t i = 0; i < ARRAY_LENGTH(ENTRIES); i++) {
    service_serve(service, arena_format(service->arena, "{\"aaguid\":\"" MODEL_A "\",%s}", ENTRIES[i]));
    assert_true(service_model(service, MODEL_A)->is_unusable);
    assert_int_equal(service->blob.unusable_count, 1);
  }
  service_serve(service, "{\"aaguid\":\"" MODEL_A "\",\"statusReports\":[]}");
  assert_false(service_model(service, MODEL_A)->is_unusable);
  assert_false(service_model(service, MODEL_A)->has_statement);
}

static void only_the_named_batch_is_meant(void **state)
{
  service_t *service = *state;
  char *root = base64_of_pem(service->arena, soft_metadata_root_pem(service->soft), "");
  const struct {
    const char *report;
    bool batch;
  } ROWS[] = {
      {"\"status\":\"ATTESTATION_KEY_COMPROMISE\",\"certificate\"", true},
      {"\"status\":\"ATTESTATION_KEY_COMPROMISE\",\"batchCertificate\"", true},
      {"\"status\":\"USER_KEY_REMOTE_COMPROMISE\",\"batchCertificate\"", true},
      {"\"status\":\"REVOKED\",\"certificate\"", false},
      {"\"status\":\"REVOKED\",\"x\"", false},
  };
  for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
    char *report = arena_format(service->arena, "{%s:\"%s\"}", ROWS[i].report, root);
    service_serve(service, service_entry(service, MODEL_A, "", report));
    assert_int_equal(service_model(service, MODEL_A)->reports[0].certificate.len > 0, ROWS[i].batch);
  }
  service_serve(service,
                service_entry(service, MODEL_A, "",
                              "{\"status\":\"ATTESTATION_KEY_COMPROMISE\",\"certificate\":\"AAAA\"}"));
  assert_int_equal(service_model(service, MODEL_A)->reports[0].certificate.len, 0);
}

static void models_are_found_by_aaguid_and_by_key(void **state)
{
  service_t *service = *state;
  char *entries = arena_format(
      service->arena,
      "%s,{\"attestationCertificateKeyIdentifiers\":[\"00112233445566778899aabbccddeeff00112233\","
      "\"ffffffffffffffffffffffffffffffffffffffff\"],\"statusReports\":[]},"
      "{\"aaguid\":\"00000000-0000-0000-0000-000000000000\",\"statusReports\":[]},%s,"
      "{\"aaid\":\"1234#5678\",\"statusReports\":[]}",
      service_entry(service, MODEL_B, "", L1), service_entry(service, MODEL_A, "", L1));
  service_serve(service, entries);
  size_t count = 7;
  assert_int_equal(service->blob.model_count, 3);
  assert_int_equal(service->blob.ignored_count, 2);
  assert_non_null(service_model(service, MODEL_A));
  assert_non_null(service_model(service, MODEL_B));
  assert_null(service_model(service, "11111111-2222-3333-4444-555555555555"));
  assert_null(service_model(service, "00000000-0000-0000-0000-000000000000"));
  assert_null(metadata_find(service->metadata, BYTES_LITERAL("short"), &count));
  assert_int_equal(count, 0);
  static const char *const KEYS[] = {"00112233445566778899aabbccddeeff00112233",
                                     "ffffffffffffffffffffffffffffffffffffffff",
                                     "00112233445566778899aabbccddeeff00112234"};
  for (size_t i = 0; i < ARRAY_LENGTH(KEYS); i++)
    assert_int_equal(metadata_find_by_key(service->metadata, unit_hex(service->arena, KEYS[i])) != NULL,
                     i < 2);
}

static void statements_alone_are_the_operators_word(void **state)
{
  service_t *service = *state;
  static const char *const BAD[] = {"",
                                    "[]",
                                    "{}",
                                    "{\"aaguid\":\"x\"}",
                                    "{\"aaid\":\"1234#5678\"}",
                                    "{\"aaguid\":\"" MODEL_A "\",\"attestationTypes\":7}"};
  error_detail_t detail = {""};
  assert_ok(metadata_new(&service->metadata));
  for (size_t i = 0; i < ARRAY_LENGTH(BAD); i++)
    assert_int_equal(metadata_add_statement(service->metadata, bytes_of_string(BAD[i]), &detail),
                     ERR_METADATA);
  assert_int_equal(metadata_count(service->metadata), 0);
  assert_ok(metadata_add_statement(
      service->metadata, BYTES_LITERAL("{\"aaguid\":\"" MODEL_A "\",\"keyProtection\":[\"hardware\"]}"),
      &detail));
  assert_ok(metadata_seal(service->metadata));
  assert_true(metadata_model_is_hardware(service_model(service, MODEL_A)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      SERVICE_TEST(members_that_somebody_asks_for_are_read),
      SERVICE_TEST(friendly_names_go_before_descriptions),
      SERVICE_TEST(unreadable_names_icons_and_roots_are_left_out),
      SERVICE_TEST(roots_may_be_broken_over_lines),
      SERVICE_TEST(keys_in_software_are_no_hardware),
      SERVICE_TEST(models_whose_entry_cannot_be_read_are_kept_as_unusable),
      SERVICE_TEST(only_the_named_batch_is_meant),
      SERVICE_TEST(models_are_found_by_aaguid_and_by_key),
      SERVICE_TEST(statements_alone_are_the_operators_word),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
