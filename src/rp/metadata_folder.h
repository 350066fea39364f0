/* Where metadata is kept between two runs: metadata/ beside the database, with the BLOB that is held and what
 * was known of it when it was taken, so that its number never goes back. */
#ifndef SEKISHO_RP_METADATA_FOLDER_H
#define SEKISHO_RP_METADATA_FOLDER_H

#include "base/file.h"
#include "config/config.h"
#include "metadata/metadata_blob.h"

typedef struct metadata_kept {
  int64_t number;
  sha256_t digest;     /* of the BLOB */
  sha256_t roots;      /* of the PEM file that it was taken under: another one begins another series */
  int64_t received_ms; /* when its signer was verified */
} metadata_kept_t;

#define METADATA_FILE_HELD "blob.jwt"
#define METADATA_FILE_INCOMING "incoming.jwt" /* as it was fetched, not verified */

/* In the configuration's arena; NULL when out of memory. */
char *metadata_folder_path(arena_t *arena, const config_t *config, const char *name);
/* ERR_NOT_FOUND when nothing is kept, ERR_METADATA when what is kept cannot be read. */
MUST_USE error_code_t metadata_kept_read(const char *folder, metadata_kept_t *ret_kept);
/* Durable when it returns: first the BLOB, then what is known of it. A crash between leaves a BLOB that is
 * judged as if it had just come. */
MUST_USE error_code_t metadata_kept_write(const char *folder, bytes_t blob, const metadata_kept_t *kept,
                                          error_detail_t *detail);

#endif
