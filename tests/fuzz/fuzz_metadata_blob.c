/* Documents from anywhere: nothing of one that no root has signed is ever taken. */
#include <stdlib.h>

#include "fuzz.h"
#include "metadata/metadata_blob.h"

static void check_document(bytes_t text)
{
  arena_t *arena = arena_new(4096, (size_t)1 << 24);
  jws_t jws;
  jws_certificates_t certificates;
  bytes_t payload;
  if (arena == NULL)
    abort();
  if (jws_parse_document(arena, text, METADATA_BLOB_MAX_LENGTH, &jws, &certificates, &payload) == ERR_NONE &&
      (certificates.count > JWS_CERTIFICATES_MAX || payload.len == 0 || payload.data < text.data ||
       payload.data + payload.len > text.data + text.len || jws.payload != NULL))
    abort();
  arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  CLEANUP(metadata_drop) metadata_t *metadata = NULL;
  CLEANUP(metadata_signer_drop) metadata_signer_t *signer = NULL;
  metadata_blob_t blob;
  error_detail_t detail = {""};
  bytes_t text = bytes_of(data, size);
  if (metadata_new(&metadata) != ERR_NONE || metadata_signer_new(&signer) != ERR_NONE)
    abort();
  error_code_t code = metadata_blob_read(metadata, text, signer, 0, &blob, &detail);
  if (code != ERR_METADATA || detail.text[0] == '\0' || metadata_count(metadata) != 0)
    abort();
  check_document(text);
  (void)!metadata_signer_add_roots(signer, text);
  (void)!metadata_signer_add_crls(signer, text);
  return 0;
}
