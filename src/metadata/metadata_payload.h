/* The payload of a metadata BLOB, an entry at a time: as one tree it would take three times its ten
 * megabytes. */
#ifndef SEKISHO_METADATA_METADATA_PAYLOAD_H
#define SEKISHO_METADATA_METADATA_PAYLOAD_H

#include "base/json.h"

typedef struct metadata_payload {
  json_t *head;     /* the object with no entries in it; owned: metadata_payload_done */
  reader_t entries; /* what is left of the array */
  bool first;
} metadata_payload_t;

/* ERR_METADATA unless it is one object with one array `entries`. */
MUST_USE error_code_t metadata_payload_parse(arena_t *arena, bytes_t text, metadata_payload_t *ret_payload,
                                             error_detail_t *detail);
void metadata_payload_done(metadata_payload_t *payload);
/* The next entry, an object that the caller owns; NULL behind the last. ERR_METADATA when it is none. */
MUST_USE error_code_t metadata_payload_next(metadata_payload_t *payload, json_t **ret_entry,
                                            error_detail_t *detail);

#endif
