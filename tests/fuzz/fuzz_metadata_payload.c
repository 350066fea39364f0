/* Payloads as if they had been signed: what is read is found again, and judged without a crash. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "metadata/metadata_judge.h"
#include "metadata/metadata_payload.h"

#define NOW_MS ((int64_t)1790000000 * 1000)

static void take(metadata_t *metadata, arena_t *arena, const json_t *entry)
{
  metadata_model_t model;
  bool found;
  error_detail_t detail = {""};
  error_code_t code = metadata_model_parse_entry(arena, entry, &model, &found, &detail);
  if (code == ERR_NONE && found &&
      (metadata_add(metadata, &model) != ERR_NONE || (!model.has_aaguid && model.key_identifiers.len == 0)))
    abort();
}

static void read_all(metadata_t *metadata, arena_t *arena, metadata_payload_t *payload)
{
  for (;;) {
    CLEANUP(json_drop) json_t *entry = NULL;
    if (metadata_payload_next(payload, &entry, NULL) != ERR_NONE || entry == NULL)
      return;
    take(metadata, arena, entry);
  }
}

static void check_found(const metadata_t *metadata)
{
  for (size_t i = 0; i < metadata_count(metadata); i++) {
    const metadata_model_t *model = metadata_at(metadata, i);
    bytes_t aaguid = bytes_of(model->aaguid.bytes, sizeof model->aaguid.bytes);
    const attestation_claim_t claim = {.aaguid = aaguid, .algorithm = -7, .time_ms = NOW_MS};
    metadata_facts_t facts;
    error_code_t code = metadata_judge(metadata, &claim, &facts, NULL);
    if (model->has_aaguid &&
        (facts.model_count == 0 || model < facts.model || model >= facts.model + facts.model_count ||
         (model->is_unusable && code == ERR_NONE)))
      abort();
    for (size_t at = 0; at < model->key_identifiers.len; at += KEY_IDENTIFIER_LENGTH)
      if (metadata_find_by_key(metadata, bytes_of(model->key_identifiers.data + at, KEY_IDENTIFIER_LENGTH)) ==
          NULL)
        abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  CLEANUP(metadata_drop) metadata_t *metadata = NULL;
  arena_t *arena = arena_new(4096, (size_t)1 << 26);
  metadata_payload_t payload;
  if (arena == NULL || metadata_new(&metadata) != ERR_NONE)
    abort();
  if (metadata_payload_parse(arena, bytes_of(data, size), &payload, NULL) == ERR_NONE) {
    read_all(metadata, arena, &payload);
    metadata_payload_done(&payload);
  }
  (void)!metadata_add_statement(metadata, bytes_of(data, size), NULL);
  if (metadata_seal(metadata) != ERR_NONE)
    abort();
  check_found(metadata);
  arena_free(arena);
  return 0;
}
