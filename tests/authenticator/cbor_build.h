/* CBOR as an authenticator writes it: heads and strings into a builder, in the order of the calls. */
#ifndef SEKISHO_TESTS_CBOR_BUILD_H
#define SEKISHO_TESTS_CBOR_BUILD_H

#include "base/bytes.h"

void cbor_add_head(builder_t *builder, unsigned major, uint64_t value); /* in its shortest form */
void cbor_add_integer(builder_t *builder, int64_t value);
void cbor_add_bytes(builder_t *builder, bytes_t bytes);
void cbor_add_text(builder_t *builder, const char *text);
void cbor_add_array(builder_t *builder, uint64_t elements);
void cbor_add_map(builder_t *builder, uint64_t pairs);

#endif
