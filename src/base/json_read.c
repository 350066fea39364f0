#include "base/json_read.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

typedef struct json_reader {
  const uint8_t *at, *end;
  size_t depth;
  size_t length;    /* of the whole text */
  uint8_t *scratch; /* that long, when a string with an escape or a fraction needs it; views into it stay */
  size_t scratch_used;
  bool no_memory;
} json_reader_t;

static json_t *read_value(json_reader_t *reader);

static json_t *made(json_reader_t *reader, json_t *value)
{
  reader->no_memory = reader->no_memory || value == NULL;
  return value;
}

static bool next_is(const json_reader_t *reader, uint8_t c)
{
  return reader->at < reader->end && *reader->at == c;
}

static bool take(json_reader_t *reader, uint8_t c)
{
  bool taken = next_is(reader, c);
  reader->at += taken ? 1 : 0;
  return taken;
}

static void skip_blank(json_reader_t *reader)
{
  while (next_is(reader, ' ') || next_is(reader, '\t') || next_is(reader, '\n') || next_is(reader, '\r'))
    reader->at++;
}

static uint8_t *scratch(json_reader_t *reader)
{
  if (reader->scratch == NULL)
    reader->scratch = malloc(reader->length + 1);
  reader->no_memory = reader->no_memory || reader->scratch == NULL;
  return reader->scratch;
}

/* --- strings (RFC 8259 §7) --- */

static bool read_hex4(json_reader_t *reader, uint32_t *ret_unit)
{
  uint32_t unit = 0;
  for (int i = 0; i < 4; i++) {
    uint8_t c = reader->at < reader->end ? *reader->at++ : 0;
    if (c >= '0' && c <= '9')
      unit = unit << 4 | (uint32_t)(c - '0');
    else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
      unit = unit << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
    else
      return false;
  }
  *ret_unit = unit;
  return true;
}

/* The character of a \u escape or of a pair of them; false for half a pair and for U+0000. */
static bool read_unicode(json_reader_t *reader, uint32_t *ret_character)
{
  uint32_t first, second;
  if (!read_hex4(reader, &first) || first == 0 || (first >= 0xdc00 && first <= 0xdfff))
    return false;
  *ret_character = first;
  if (first < 0xd800 || first > 0xdbff)
    return true;
  if (!take(reader, '\\') || !take(reader, 'u') || !read_hex4(reader, &second) || second < 0xdc00 ||
      second > 0xdfff)
    return false;
  *ret_character = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
  return true;
}

/* Never longer than the escape that it comes from. */
static void add_character(builder_t *out, uint32_t character)
{
  if (character < 0x80) {
    builder_add_u8(out, (uint8_t)character);
    return;
  }
  int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  static const uint8_t LEADS[] = {0, 0xc0, 0xe0, 0xf0};
  builder_add_u8(out, (uint8_t)(LEADS[more] | character >> (6 * more)));
  while (more-- > 0)
    builder_add_u8(out, (uint8_t)(0x80 | (character >> (6 * more) & 0x3f)));
}

/* Behind the backslash. */
static bool read_escape(json_reader_t *reader, builder_t *out)
{
  static const char NAMES[] = "\"\\/bfnrt", VALUES[] = "\"\\/\b\f\n\r\t";
  uint32_t character;
  if (take(reader, 'u')) {
    if (!read_unicode(reader, &character))
      return false;
    add_character(out, character);
    return true;
  }
  const char *name = reader->at < reader->end && *reader->at != 0 ? strchr(NAMES, *reader->at) : NULL;
  if (name == NULL)
    return false;
  reader->at++;
  builder_add_u8(out, (uint8_t)VALUES[name - NAMES]);
  return true;
}

/* Up to what ends a run of plain characters. */
static bytes_t take_plain(json_reader_t *reader)
{
  const uint8_t *from = reader->at;
  while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\' && *reader->at >= 0x20)
    reader->at++;
  return bytes_of(from, (size_t)(reader->at - from));
}

static bool read_escaped(json_reader_t *reader, bytes_t begin, bytes_t *ret_text)
{
  if (scratch(reader) == NULL)
    return false;
  builder_t out = builder_over(reader->scratch + reader->scratch_used, reader->length - reader->scratch_used);
  builder_add(&out, begin);
  while (take(reader, '\\')) {
    if (!read_escape(reader, &out))
      return false;
    builder_add(&out, take_plain(reader));
  }
  if (!take(reader, '"') || out.failed)
    return false;
  reader->scratch_used += out.len;
  *ret_text = builder_bytes(&out);
  return true;
}

/* Behind the opening quote. A view: of the text, or of the scratch memory when something was escaped. */
static bool read_string(json_reader_t *reader, bytes_t *ret_text)
{
  bytes_t plain = take_plain(reader);
  if (next_is(reader, '\\'))
    return read_escaped(reader, plain, ret_text);
  *ret_text = plain;
  return take(reader, '"');
}

/* --- numbers (RFC 8259 §6) --- */

static bool skip_digits(json_reader_t *reader)
{
  const uint8_t *from = reader->at;
  while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
    reader->at++;
  return reader->at > from;
}

/* Past a number of the right form. */
static bool skip_number(json_reader_t *reader, bool *ret_integer)
{
  (void)take(reader, '-');
  if (!take(reader, '0') && !skip_digits(reader))
    return false;
  *ret_integer = true;
  if (take(reader, '.')) {
    *ret_integer = false;
    if (!skip_digits(reader))
      return false;
  }
  if (take(reader, 'e') || take(reader, 'E')) {
    *ret_integer = false;
    if (!take(reader, '+'))
      (void)take(reader, '-');
    return skip_digits(reader);
  }
  return true;
}

static json_t *read_number(json_reader_t *reader)
{
  const uint8_t *from = reader->at;
  bool integer;
  if (!skip_number(reader, &integer) || scratch(reader) == NULL)
    return NULL;
  size_t len = (size_t)(reader->at - from);
  char *digits = (char *)reader->scratch + reader->scratch_used; /* strto… want a NUL */
  memcpy(digits, from, len);
  digits[len] = '\0';
  errno = 0;
  if (integer) {
    json_int_t value = strtoll(digits, NULL, 10);
    return errno == 0 ? made(reader, json_integer(value)) : NULL;
  }
  double value = strtod(digits, NULL);
  return isfinite(value) ? made(reader, json_real(value)) : NULL;
}

/* --- values --- */

static bool read_member(json_reader_t *reader, json_t *object)
{
  bytes_t name;
  skip_blank(reader);
  if (!take(reader, '"') || !read_string(reader, &name) ||
      json_object_getn(object, (const char *)name.data, name.len) != NULL)
    return false;
  skip_blank(reader);
  if (!take(reader, ':'))
    return false;
  json_t *value = read_value(reader);
  if (value == NULL)
    return false;
  bool set = json_object_setn_new_nocheck(object, (const char *)name.data, name.len, value) == 0;
  reader->no_memory = reader->no_memory || !set;
  return set;
}

static bool read_item(json_reader_t *reader, json_t *array)
{
  json_t *value = read_value(reader);
  if (value == NULL)
    return false;
  bool set = json_array_append_new(array, value) == 0;
  reader->no_memory = reader->no_memory || !set;
  return set;
}

/* Behind the opening bracket. Takes over collection; NULL when the text is not one. */
static json_t *read_collection(json_reader_t *reader, json_t *collection, uint8_t close,
                               bool (*read_part)(json_reader_t *reader, json_t *collection))
{
  if (made(reader, collection) == NULL)
    return NULL;
  bool fine = ++reader->depth <= JSON_DEPTH_MAX;
  skip_blank(reader);
  if (fine && !next_is(reader, close)) {
    do {
      fine = read_part(reader, collection);
      skip_blank(reader);
    } while (fine && take(reader, ','));
  }
  reader->depth--;
  if (fine && take(reader, close))
    return collection;
  json_decref(collection);
  return NULL;
}

static json_t *read_word(json_reader_t *reader, const char *word, json_t *value)
{
  size_t len = strlen(word);
  if ((size_t)(reader->end - reader->at) < len || memcmp(reader->at, word, len) != 0)
    return NULL;
  reader->at += len;
  return value; /* jansson's own, never freed */
}

static json_t *read_value(json_reader_t *reader)
{
  bytes_t text;
  skip_blank(reader);
  if (take(reader, '{'))
    return read_collection(reader, json_object(), '}', read_member);
  if (take(reader, '['))
    return read_collection(reader, json_array(), ']', read_item);
  if (take(reader, '"'))
    return read_string(reader, &text) ? made(reader, json_stringn_nocheck((const char *)text.data, text.len))
                                      : NULL;
  if (next_is(reader, 't'))
    return read_word(reader, "true", json_true());
  if (next_is(reader, 'f'))
    return read_word(reader, "false", json_false());
  if (next_is(reader, 'n'))
    return read_word(reader, "null", json_null());
  return read_number(reader);
}

error_code_t json_read(bytes_t text, json_t **ret_value)
{
  json_reader_t reader = {.at = text.data, .end = text.data + text.len, .length = text.len};
  if (text.len == 0 || !text_is_utf8(text))
    return ERR_MALFORMED;
  skip_blank(&reader);
  bool collection = next_is(&reader, '{') || next_is(&reader, '[');
  json_t *value = collection ? read_value(&reader) : NULL;
  skip_blank(&reader);
  free(reader.scratch);
  if (value != NULL && reader.at == reader.end) {
    *ret_value = value;
    return ERR_NONE;
  }
  json_decref(value);
  return reader.no_memory ? ERR_NO_MEMORY : ERR_MALFORMED;
}
