/* Authenticator models by AAGUID and by key identifier: what metadata BLOBs and statements say, kept small.
 * It is filled once, sealed, and from then on immutable: any number of threads share it, each with a
 * reference. */
#ifndef SEKISHO_METADATA_METADATA_H
#define SEKISHO_METADATA_METADATA_H

#include "metadata/metadata_model.h"

#define METADATA_ICONS_MAX_LENGTH ((size_t)8 * 1024 * 1024) /* of all; icons beyond it are left out */

typedef struct metadata metadata_t;

MUST_USE error_code_t metadata_new(metadata_t **ret_metadata);
metadata_t *metadata_hold(metadata_t *metadata); /* one more reference */
void metadata_release(metadata_t *metadata);     /* one less; NULL is fine */
CLEANUP_FUNCTION(metadata_drop, metadata_t, metadata_release)

/* Copies the model, and shares icons and certificates that another has as well. Not after metadata_seal. */
MUST_USE error_code_t metadata_add(metadata_t *metadata, const metadata_model_t *model);
/* A metadata statement as JSON text. ERR_METADATA when it cannot be used, or is of no model. */
MUST_USE error_code_t metadata_add_statement(metadata_t *metadata, bytes_t json, error_detail_t *detail);
/* Forgets the models behind the first count: what a source began and could not finish. */
void metadata_truncate(metadata_t *metadata, size_t count);
/* Sorts; finding works from here on. */
MUST_USE error_code_t metadata_seal(metadata_t *metadata);

size_t metadata_count(const metadata_t *metadata);
const metadata_model_t *metadata_at(const metadata_t *metadata, size_t index);
/* All models of the AAGUID, side by side: usually one, more when several sources speak of it. */
const metadata_model_t *metadata_find(const metadata_t *metadata, bytes_t aaguid, size_t *ret_count);
/* The model with that identifier (KEY_IDENTIFIER_LENGTH bytes) among its own; NULL. */
const metadata_model_t *metadata_find_by_key(const metadata_t *metadata, bytes_t key_identifier);

#endif
