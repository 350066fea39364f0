/* An authenticator model as its metadata entry describes it: the members that somebody here asks for. */
#ifndef SEKISHO_METADATA_METADATA_MODEL_H
#define SEKISHO_METADATA_METADATA_MODEL_H

#include "metadata/metadata_registry.h"
#include "metadata/metadata_status.h"

#define KEY_IDENTIFIER_LENGTH 20 /* SHA-1 of the key's bits: RFC 5280 §4.2.1.2, method 1 */
#define METADATA_ICON_MAX_LENGTH ((size_t)64 * 1024)

typedef struct metadata_model {
  bool has_aaguid;
  aaguid_t aaguid;
  bytes_t key_identifiers; /* of attestation certificates, one behind the other: for U2F */

  bool has_statement; /* without one only the reports say something */
  bool is_unusable;   /* an entry that we cannot read: nothing of the model is taken */

  bytes_t name;    /* for people; empty when there is none */
  bytes_t name_ja; /* the same in Japanese, or empty */
  bytes_t icon;    /* PNG, or empty */

  uint32_t algorithms, attestation_types, key_protection; /* of the registry */

  const bytes_t *roots; /* DER: roots, intermediates or leaves */
  size_t root_count;
  const metadata_report_t *reports;
  size_t report_count;
} metadata_model_t;

/* Private keys that only hardware of their own uses. */
bool metadata_model_is_hardware(const metadata_model_t *model);

/* One of the payload's entries, into the arena, with views of it. *ret_model stays as it is and *ret_found
 * false for an entry of UAF or of no model. ERR_METADATA when it cannot be known which model it is about:
 * then one of the rest may be about it as well. What is of the wrong type otherwise makes the model unusable;
 * texts for people, icons and single roots that cannot be read are left out. */
MUST_USE error_code_t metadata_model_parse_entry(arena_t *arena, const json_t *entry,
                                                 metadata_model_t *ret_model, bool *ret_found,
                                                 error_detail_t *detail);
/* A metadata statement alone, without reports: the operator's word for it. */
MUST_USE error_code_t metadata_model_parse_statement(arena_t *arena, const json_t *statement,
                                                     metadata_model_t *ret_model, bool *ret_found,
                                                     error_detail_t *detail);

#endif
