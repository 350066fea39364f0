#include "base/bytes.h"

#include <string.h>

#include "base/encoding.h"

bytes_t bytes_of(const void *data, size_t len)
{
  return (bytes_t){data, len};
}

bytes_t bytes_of_string(const char *string)
{
  if (string == NULL)
    return BYTES_NONE;
  return bytes_of(string, strlen(string));
}

bool bytes_equal(bytes_t a, bytes_t b)
{
  if (a.len != b.len)
    return false;
  return a.len == 0 || memcmp(a.data, b.data, a.len) == 0;
}

bool bytes_equal_string(bytes_t a, const char *string)
{
  return bytes_equal(a, bytes_of_string(string));
}

reader_t reader_over(bytes_t bytes)
{
  return (reader_t){bytes.data, bytes.len, false};
}

bytes_t reader_take(reader_t *reader, size_t len)
{
  if (reader->failed || len > reader->left) {
    reader->failed = true;
    return BYTES_NONE;
  }
  bytes_t taken = bytes_of(reader->at, len);
  if (len > 0)
    reader->at += len;
  reader->left -= len;
  return taken;
}

static uint64_t read_be(reader_t *reader, size_t width)
{
  bytes_t taken = reader_take(reader, width);
  uint64_t value = 0;
  for (size_t i = 0; i < taken.len; i++)
    value = value << 8 | taken.data[i];
  return value;
}

uint8_t reader_u8(reader_t *reader)
{
  return (uint8_t)read_be(reader, 1);
}

uint16_t reader_u16be(reader_t *reader)
{
  return (uint16_t)read_be(reader, 2);
}

uint32_t reader_u32be(reader_t *reader)
{
  return (uint32_t)read_be(reader, 4);
}

uint64_t reader_u64be(reader_t *reader)
{
  return read_be(reader, 8);
}

bool reader_done(const reader_t *reader)
{
  return !reader->failed && reader->left == 0;
}

builder_t builder_over(void *memory, size_t capacity)
{
  return (builder_t){memory, 0, capacity, memory == NULL};
}

/* Room for len more bytes, or NULL with failed set. */
static uint8_t *claim(builder_t *builder, size_t len)
{
  if (builder->failed || len > builder->capacity - builder->len) {
    builder->failed = true;
    return NULL;
  }
  uint8_t *room = builder->data + builder->len;
  builder->len += len;
  return room;
}

void builder_add(builder_t *builder, bytes_t bytes)
{
  if (bytes.len == 0)
    return;
  uint8_t *room = claim(builder, bytes.len);
  if (room != NULL)
    memcpy(room, bytes.data, bytes.len);
}

void builder_add_string(builder_t *builder, const char *string)
{
  builder_add(builder, bytes_of_string(string));
}

static void add_be(builder_t *builder, uint64_t value, size_t width)
{
  uint8_t *room = claim(builder, width);
  if (room == NULL)
    return;
  for (size_t i = 0; i < width; i++)
    room[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

void builder_add_u8(builder_t *builder, uint8_t value)
{
  add_be(builder, value, 1);
}

void builder_add_u16be(builder_t *builder, uint16_t value)
{
  add_be(builder, value, 2);
}

void builder_add_u32be(builder_t *builder, uint32_t value)
{
  add_be(builder, value, 4);
}

void builder_add_u64be(builder_t *builder, uint64_t value)
{
  add_be(builder, value, 8);
}

void builder_add_decimal(builder_t *builder, int64_t value)
{
  uint8_t digits[20]; /* 19 digits and the sign */
  size_t at = sizeof digits;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do {
    digits[--at] = (uint8_t)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (value < 0)
    digits[--at] = '-';
  builder_add(builder, bytes_of(digits + at, sizeof digits - at));
}

void builder_add_base64url(builder_t *builder, bytes_t bytes)
{
  if (bytes.len > SIZE_MAX / 4 - 1) {
    builder->failed = true;
    return;
  }
  uint8_t *room = claim(builder, BASE64URL_LENGTH(bytes.len));
  if (room != NULL)
    base64url_write(bytes, room);
}

static void add_unicode_escape(builder_t *builder, unsigned value)
{
  static const char HEX[] = "0123456789abcdef";
  uint8_t escape[6] = {'\\', 'u', '0', '0', '0', '0'};
  for (size_t i = 0; i < 4; i++)
    escape[2 + i] = (uint8_t)HEX[value >> (12 - 4 * i) & 0xf];
  builder_add(builder, bytes_of(escape, sizeof escape));
}

/* The character at `at` when it must be escaped, with its width in bytes; 0 width when it may stand as it is.
 * Beyond RFC 8259 §7: DEL and the C1 controls, which drive terminals, and U+2028/2029, which end a line in
 * old JavaScript. */
static size_t escaped_width(bytes_t text, size_t at, unsigned *ret_value)
{
  const uint8_t *c = text.data + at;
  size_t left = text.len - at;
  *ret_value = c[0];
  if (c[0] < 0x20 || c[0] == '"' || c[0] == '\\' || c[0] == 0x7f)
    return 1;
  if (left >= 2 && c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f) {
    *ret_value = c[1];
    return 2;
  }
  if (left >= 3 && c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9)) {
    *ret_value = 0x2000U + c[2] - 0x80;
    return 3;
  }
  return 0;
}

static void add_escape(builder_t *builder, unsigned value)
{
  static const char SHORT[] = {['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['"'] = '"', ['\\'] = '\\'};
  char letter = value < sizeof SHORT ? SHORT[value] : 0;
  if (letter == 0) {
    add_unicode_escape(builder, value);
    return;
  }
  builder_add_u8(builder, '\\');
  builder_add_u8(builder, (uint8_t)letter);
}

void builder_add_json_string(builder_t *builder, bytes_t text)
{
  builder_add_u8(builder, '"');
  size_t start = 0;
  size_t at = 0;
  while (at < text.len) {
    unsigned value;
    size_t width = escaped_width(text, at, &value);
    if (width == 0) {
      at++;
      continue;
    }
    builder_add(builder, bytes_of(text.data + start, at - start));
    add_escape(builder, value);
    at += width;
    start = at;
  }
  if (at > start)
    builder_add(builder, bytes_of(text.data + start, at - start));
  builder_add_u8(builder, '"');
}

bytes_t builder_bytes(const builder_t *builder)
{
  return bytes_of(builder->data, builder->len);
}
