/* Metadata made for a test: a service that signs, and payloads from their entries. */
#ifndef SEKISHO_TESTS_METADATA_FIXTURE_H
#define SEKISHO_TESTS_METADATA_FIXTURE_H

#include "unit.h"

#include "metadata/metadata_blob.h"
#include "soft_metadata.h"

#ifndef NOW_MS                              /* ceremony.h has the same */
#define NOW_MS ((int64_t)1790000000 * 1000) /* 2026-09-21 */
#endif
#define MODEL_A "8d2b4a1e-0f3c-4c5d-9e6f-7a8b9c0d1e2f"
#define MODEL_B "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"

typedef struct service {
  arena_t *arena;
  soft_metadata_t *soft;
  metadata_signer_t *signer;
  metadata_t *metadata; /* of the last reading, sealed when it was taken */
  metadata_blob_t blob;
  error_detail_t detail;
} service_t;

static inline int service_setup(void **state)
{
  service_t *service = calloc(1, sizeof *service);
  assert_non_null(service);
  service->arena = arena_new(4096, (size_t)1 << 28);
  service->soft = soft_metadata_new();
  assert_ok(metadata_signer_new(&service->signer));
  assert_ok(
      metadata_signer_add_roots(service->signer, bytes_of_string(soft_metadata_root_pem(service->soft))));
  *state = service;
  return 0;
}

static inline int service_teardown(void **state)
{
  service_t *service = *state;
  metadata_release(service->metadata);
  metadata_signer_free(service->signer);
  soft_metadata_free(service->soft);
  arena_free(service->arena);
  free(service);
  return 0;
}

#define SERVICE_TEST(function) cmocka_unit_test_setup_teardown(function, service_setup, service_teardown)

/* {"no":…,"nextUpdate":…,"entries":[…]} */
static inline bytes_t service_payload(service_t *service, long number, const char *next_update,
                                      const char *entries)
{
  return bytes_of_string(arena_format(
      service->arena, "{\"legalHeader\":\"For tests.\",\"no\":%ld,\"nextUpdate\":\"%s\",\"entries\":[%s]}",
      number, next_update, entries));
}

/* A document that is as it should be but for the fault. */
static inline bytes_t service_blob(service_t *service, const char *entries, metadata_fault_t fault)
{
  return soft_metadata_blob(service->soft, service->arena, service_payload(service, 7, "2026-10-01", entries),
                            fault);
}

static inline error_code_t service_read(service_t *service, bytes_t text)
{
  metadata_release(service->metadata);
  service->metadata = NULL;
  service->detail.text[0] = '\0';
  assert_ok(metadata_new(&service->metadata));
  error_code_t code =
      metadata_blob_read(service->metadata, text, service->signer, NOW_MS, &service->blob, &service->detail);
  assert_true((code == ERR_NONE) == (service->detail.text[0] == '\0'));
  if (code != ERR_NONE)
    assert_int_equal(metadata_count(service->metadata), 0);
  assert_ok(metadata_seal(service->metadata));
  return code;
}

/* Reads a good document with these entries. */
static inline void service_serve(service_t *service, const char *entries)
{
  assert_ok(service_read(service, service_blob(service, entries, METADATA_GOOD)));
}

/* An entry of a model: the members of its statement beside aaguid and description, its reports. */
static inline char *service_entry(service_t *service, const char *aaguid, const char *statement,
                                  const char *reports)
{
  return arena_format(
      service->arena,
      "{\"aaguid\":\"%s\",\"metadataStatement\":{\"aaguid\":\"%s\",\"description\":\"Key\"%s%s},"
      "\"statusReports\":[%s],\"timeOfLastStatusChange\":\"2026-01-05\"}",
      aaguid, aaguid, statement[0] != '\0' ? "," : "", statement, reports);
}

static inline const metadata_model_t *service_model(service_t *service, const char *aaguid)
{
  aaguid_t wanted;
  size_t count;
  assert_ok(aaguid_parse(bytes_of_string(aaguid), &wanted));
  const metadata_model_t *model =
      metadata_find(service->metadata, bytes_of(wanted.bytes, sizeof wanted.bytes), &count);
  assert_true(count == 1 || model == NULL);
  return model;
}

#endif
