/* Bytes: a view that owns nothing, a reader that cannot run past the end, a builder with a fixed bound. */
#ifndef SEKISHO_BASE_BYTES_H
#define SEKISHO_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A view: whoever made the memory owns it. A text is a view as well: never assume a NUL behind it. */
typedef struct bytes {
  const uint8_t *data;
  size_t len;
} bytes_t;

#define BYTES_NONE ((bytes_t){NULL, 0})
/* A view over a string literal, without its NUL. */
#define BYTES_LITERAL(s) ((bytes_t){(const uint8_t *)(s), sizeof(s) - 1})

bytes_t bytes_of(const void *data, size_t len);
bytes_t bytes_of_string(const char *string); /* NULL gives BYTES_NONE */
/* Whole-length equality; not for secrets (secret_equal). */
bool bytes_equal(bytes_t a, bytes_t b);
bool bytes_equal_string(bytes_t a, const char *string);

/* A reader over untrusted bytes. Once a read fails, every later one fails too, so a parser may check once. */
typedef struct reader {
  const uint8_t *at;
  size_t left;
  bool failed;
} reader_t;

reader_t reader_over(bytes_t bytes);
uint8_t reader_u8(reader_t *reader);
uint16_t reader_u16be(reader_t *reader);
uint32_t reader_u32be(reader_t *reader);
uint64_t reader_u64be(reader_t *reader);
bytes_t reader_take(reader_t *reader, size_t len);
/* True when nothing failed and nothing is left: the check for trailing data. */
bool reader_done(const reader_t *reader);

/* A builder into memory that the caller gives. A write that does not fit sets failed and changes nothing
 * more, so builders may check once, at the end. */
typedef struct builder {
  uint8_t *data;
  size_t len;
  size_t capacity;
  bool failed;
} builder_t;

builder_t builder_over(void *memory, size_t capacity);
void builder_add(builder_t *builder, bytes_t bytes);
void builder_add_string(builder_t *builder, const char *string);
void builder_add_u8(builder_t *builder, uint8_t value);
void builder_add_u16be(builder_t *builder, uint16_t value);
void builder_add_u32be(builder_t *builder, uint32_t value);
void builder_add_u64be(builder_t *builder, uint64_t value);
void builder_add_decimal(builder_t *builder, int64_t value);
/* base64url without padding. */
void builder_add_base64url(builder_t *builder, bytes_t bytes);
/* A JSON string with its quotes, escaped; the text must be valid UTF-8 (text_is_utf8). */
void builder_add_json_string(builder_t *builder, bytes_t text);
bytes_t builder_bytes(const builder_t *builder);

#endif
