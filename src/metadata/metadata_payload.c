#include "metadata/metadata_payload.h"

#include <string.h>

#define NAME "\"entries\""

/* Everything that is skipped here is read by json_parse as well: this finds extents and decides nothing. */

static void skip_blank(reader_t *reader)
{
  while (reader->left > 0 &&
         (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' || *reader->at == '\r'))
    (void)reader_u8(reader);
}

static bool take(reader_t *reader, uint8_t c)
{
  if (reader->left == 0 || *reader->at != c)
    return false;
  (void)reader_u8(reader);
  return true;
}

/* At its opening quote; to behind the closing one: the first that no odd number of backslashes precedes.
 * Icons are most of a payload, so that this takes long steps. */
static void skip_string(reader_t *reader)
{
  (void)reader_u8(reader);
  for (size_t escapes = 1; escapes % 2 == 1;) {
    const uint8_t *quote = reader->left > 0 ? memchr(reader->at, '"', reader->left) : NULL;
    bytes_t before = reader_take(reader, quote != NULL ? (size_t)(quote - reader->at) : reader->left + 1);
    (void)reader_u8(reader);
    for (escapes = 0; escapes < before.len && before.data[before.len - 1 - escapes] == '\\';)
      escapes++;
  }
}

/* At an opening bracket; to behind the one that closes it, of whatever kind. */
static void skip_collection(reader_t *reader)
{
  size_t depth = 0;
  do {
    uint8_t c = reader->left > 0 ? *reader->at : 0;
    if (c == '"') {
      skip_string(reader);
      continue;
    }
    (void)reader_u8(reader);
    depth += c == '{' || c == '[' ? 1 : 0;
    depth -= c == '}' || c == ']' ? 1 : 0;
  } while (depth > 0 && !reader->failed);
}

static bytes_t skipped_since(const uint8_t *from, const reader_t *reader)
{
  return bytes_of(from, (size_t)(reader->at - from));
}

/* Behind the object's opening brace; to the array that is the value of NAME. */
static bool find_entries(reader_t *reader)
{
  while (reader->left > 0 && !reader->failed) {
    uint8_t c = *reader->at;
    if (c == '{' || c == '[') {
      skip_collection(reader);
    } else if (c == '"') {
      const uint8_t *from = reader->at;
      skip_string(reader);
      bool named = bytes_equal(skipped_since(from, reader), BYTES_LITERAL(NAME));
      skip_blank(reader);
      if (named && take(reader, ':')) {
        skip_blank(reader);
        return reader->left > 0 && *reader->at == '[';
      }
    } else {
      (void)reader_u8(reader);
    }
  }
  return false;
}

static error_code_t refuse(error_detail_t *detail, const char *why)
{
  return error_because(detail, ERR_METADATA, "the payload is not as the standard asks: %s", why);
}

error_code_t metadata_payload_parse(arena_t *arena, bytes_t text, metadata_payload_t *ret_payload,
                                    error_detail_t *detail)
{
  reader_t reader = reader_over(text);
  skip_blank(&reader);
  if (!take(&reader, '{') || !find_entries(&reader))
    return refuse(detail, "it is no object with an array of entries");
  bytes_t before = skipped_since(text.data, &reader);
  const uint8_t *array = reader.at;
  skip_collection(&reader);
  if (reader.failed)
    return refuse(detail, "it ends within the entries");
  bytes_t entries = skipped_since(array, &reader);
  builder_t head = arena_builder(arena, before.len + 2 + reader.left);
  builder_add(&head, before);
  builder_add_string(&head, "[]");
  builder_add(&head, bytes_of(reader.at, reader.left));
  if (head.failed)
    return ERR_NO_MEMORY;
  CLEANUP(json_drop) json_t *object = NULL;
  error_code_t code = json_parse(builder_bytes(&head), &object);
  if (code == ERR_NO_MEMORY)
    return code;
  /* the one array that was cut out is the one that a reader of JSON finds under the name */
  if (code != ERR_NONE || !json_is_object(object) || json_array_size(json_object_get(object, "entries")) != 0)
    return refuse(detail, "it is no strict JSON");
  *ret_payload = (metadata_payload_t){.head = object, .entries = reader_over(entries), .first = true};
  object = NULL;
  (void)reader_u8(&ret_payload->entries); /* the bracket */
  return ERR_NONE;
}

void metadata_payload_done(metadata_payload_t *payload)
{
  json_decref(payload->head);
  payload->head = NULL;
}

error_code_t metadata_payload_next(metadata_payload_t *payload, json_t **ret_entry, error_detail_t *detail)
{
  reader_t *reader = &payload->entries;
  skip_blank(reader);
  if (take(reader, ']')) {
    *ret_entry = NULL;
    return reader_done(reader) ? ERR_NONE : refuse(detail, "something follows the entries");
  }
  if (!payload->first && !take(reader, ','))
    return refuse(detail, "no comma between two entries");
  payload->first = false;
  skip_blank(reader);
  if (reader->left == 0 || *reader->at != '{')
    return refuse(detail, "an entry is no object");
  const uint8_t *from = reader->at;
  skip_collection(reader);
  error_code_t code = reader->failed ? ERR_MALFORMED : json_parse(skipped_since(from, reader), ret_entry);
  return code == ERR_MALFORMED ? refuse(detail, "an entry is no strict JSON") : code;
}
