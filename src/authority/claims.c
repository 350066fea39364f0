#include "authority/claims.h"

#include <string.h>

static void add_name(builder_t *claims, const char *name)
{
  builder_add_string(claims, ",\"");
  builder_add_string(claims, name);
  builder_add_string(claims, "\":");
}

void claim_add_text(builder_t *claims, const char *name, bytes_t text)
{
  add_name(claims, name);
  builder_add_json_string(claims, text);
}

void claim_add_seconds(builder_t *claims, const char *name, int64_t time_ms)
{
  add_name(claims, name);
  builder_add_decimal(claims, time_ms / 1000);
}

bytes_t words_next(bytes_t *words)
{
  while (words->len > 0 && words->data[0] == ' ')
    *words = bytes_of(words->data + 1, words->len - 1);
  const uint8_t *space = words->len > 0 ? memchr(words->data, ' ', words->len) : NULL;
  size_t len = space != NULL ? (size_t)(space - words->data) : words->len;
  bytes_t word = bytes_of(words->data, len);
  if (len > 0)
    *words = bytes_of(words->data + len, words->len - len);
  return word;
}

bool words_contain(bytes_t words, bytes_t word)
{
  for (bytes_t next = words_next(&words); next.len > 0; next = words_next(&words))
    if (bytes_equal(next, word))
      return true;
  return false;
}

void word_add(builder_t *words, bytes_t word)
{
  if (words->len > 0)
    builder_add_u8(words, ' ');
  builder_add(words, word);
}

void claim_add_words(builder_t *claims, const char *name, bytes_t words)
{
  add_name(claims, name);
  const char *before = "[";
  for (bytes_t word = words_next(&words); word.len > 0; word = words_next(&words)) {
    builder_add_string(claims, before);
    builder_add_json_string(claims, word);
    before = ",";
  }
  builder_add_string(claims, before[0] == '[' ? "[]" : "]");
}
