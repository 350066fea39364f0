/* Metadata as the configuration names it, from files to an index. Reads and writes files; one thread at a
 * time. */
#ifndef SEKISHO_RP_METADATA_LOAD_H
#define SEKISHO_RP_METADATA_LOAD_H

#include "config/config.h"
#include "metadata/metadata_blob.h"
#include "metadata/metadata_judge.h"

typedef struct metadata_loaded {
  metadata_t *metadata; /* sealed; owned: metadata_loaded_done */
  bool has_blob;
  metadata_blob_t blob;
  int64_t received_ms;
  bool is_new; /* the BLOB has just taken the place of another, or of none */
  bool checks_revocation;
  size_t statement_count;
  error_detail_t problem; /* why the newest BLOB, a list or a statement was not taken; empty: all is well */
} metadata_loaded_t;

/* Whether anything of metadata is configured. */
bool metadata_is_configured(const config_metadata_t *metadata);

/* What came newest is taken when it may be, and kept on disk; otherwise what is held stays and problem says
 * why. Fails only when there is no memory. */
MUST_USE error_code_t metadata_load(const config_t *config, int64_t time_ms, metadata_loaded_t *ret_loaded);
void metadata_loaded_done(metadata_loaded_t *loaded);

/* When the BLOB was last fetched; 0: never. */
int64_t metadata_last_fetched_ms(const config_t *config);

/* A number that changes when one of the files does that metadata_load reads. */
uint64_t metadata_load_fingerprint(const config_t *config);

#endif
