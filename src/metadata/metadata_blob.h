/* A metadata BLOB (FIDO Metadata Service 3.1.1 §3): one signed document with all models. */
#ifndef SEKISHO_METADATA_METADATA_BLOB_H
#define SEKISHO_METADATA_METADATA_BLOB_H

#include "crypto/hash.h"
#include "metadata/metadata.h"
#include "metadata/metadata_signer.h"

#define METADATA_BLOB_MAX_LENGTH ((size_t)32 * 1024 * 1024) /* FIDO's own has about ten megabytes */

/* What a BLOB says of itself. */
typedef struct metadata_blob {
  int64_t number;         /* no: grows with every issue */
  int64_t next_update_ms; /* the first millisecond at which a newer one should have been there */
  sha256_t digest;        /* of the document as it came */
  size_t model_count;
  size_t unusable_count; /* of them: entries that cannot be read, whose models are refused */
  size_t ignored_count;  /* entries of other protocols */
} metadata_blob_t;

/* Verifies the document, then adds its models. ERR_METADATA, and nothing added, when it is too large,
 * compressed, no JWS of an algorithm that we take, not signed by one below the signer's roots at that time,
 * or no such payload. How old it may be is not judged here. */
MUST_USE error_code_t metadata_blob_read(metadata_t *metadata, bytes_t text, const metadata_signer_t *signer,
                                         int64_t time_ms, metadata_blob_t *ret_blob, error_detail_t *detail);

/* Of a document as it came, without the line's end that a file may add; what metadata_blob_t.digest is. */
MUST_USE error_code_t metadata_blob_digest(bytes_t text, sha256_t *ret_digest);

bool metadata_blob_is_stale(const metadata_blob_t *blob, int64_t time_ms);

/* Whether a BLOB that has just come may take the place of the one that is held; held NULL: there is none.
 * ERR_METADATA for a lower number, for another document of the same number, and for one that is stale
 * already. *ret_same: it is the one that is held. */
MUST_USE error_code_t metadata_blob_check_successor(const metadata_blob_t *held, const metadata_blob_t *next,
                                                    int64_t time_ms, bool *ret_same, error_detail_t *detail);

#endif
