#include "base/encoding.h"

#include <string.h>

static const char URL_ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char STANDARD_ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define NOT_BASE64 0x80

/* One more than the value of each base64url character, 0 for every other byte. */
static const uint8_t VALUE_AND_ONE[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64};

/* NOT_BASE64 is set in the result for a byte that is none. */
static uint8_t value_of(uint8_t c)
{
  return (uint8_t)(VALUE_AND_ONE[c] - 1);
}

/* The unused low bits of the last character must be zero (RFC 4648 §3.5): one text for one value. */
static bool tail_is_canonical(bytes_t text)
{
  if (text.len % 4 == 0)
    return true;
  uint8_t last = value_of(text.data[text.len - 1]);
  return text.len % 4 == 2 ? (last & 0x0f) == 0 : (last & 0x03) == 0;
}

static bool is_canonical(bytes_t text)
{
  if (text.len % 4 == 1)
    return false;
  uint8_t seen = 0;
  for (size_t i = 0; i < text.len; i++)
    seen |= value_of(text.data[i]);
  return (seen & NOT_BASE64) == 0 && tail_is_canonical(text);
}

static size_t decoded_length(size_t text_len)
{
  return text_len / 4 * 3 + (text_len % 4 == 0 ? 0 : text_len % 4 - 1);
}

static void decode_canonical(bytes_t text, uint8_t *memory)
{
  const uint8_t *c = text.data;
  size_t left = text.len;
  for (; left >= 4; left -= 4, c += 4) {
    uint32_t bits = (uint32_t)value_of(c[0]) << 18 | (uint32_t)value_of(c[1]) << 12 |
                    (uint32_t)value_of(c[2]) << 6 | value_of(c[3]);
    *memory++ = (uint8_t)(bits >> 16);
    *memory++ = (uint8_t)(bits >> 8);
    *memory++ = (uint8_t)bits;
  }
  if (left >= 2)
    *memory++ = (uint8_t)(value_of(c[0]) << 2 | value_of(c[1]) >> 4);
  if (left == 3)
    *memory = (uint8_t)(value_of(c[1]) << 4 | value_of(c[2]) >> 2);
}

error_code_t base64url_decode(arena_t *arena, bytes_t text, bytes_t *ret_bytes)
{
  if (!is_canonical(text))
    return ERR_MALFORMED;
  size_t len = decoded_length(text.len);
  uint8_t *memory = arena_alloc(arena, len);
  if (memory == NULL)
    return ERR_NO_MEMORY;
  decode_canonical(text, memory);
  *ret_bytes = bytes_of(memory, len);
  return ERR_NONE;
}

error_code_t base64url_decode_exact(bytes_t text, uint8_t *memory, size_t len)
{
  if (!is_canonical(text) || decoded_length(text.len) != len)
    return ERR_MALFORMED;
  decode_canonical(text, memory);
  return ERR_NONE;
}

/* Writes bytes in groups of six bits, without padding; returns the end. */
static uint8_t *encode(const char *alphabet, bytes_t bytes, uint8_t *text)
{
  uint32_t bits = 0;
  unsigned held = 0;
  for (size_t i = 0; i < bytes.len; i++) {
    bits = bits << 8 | bytes.data[i];
    held += 8;
    while (held >= 6) {
      held -= 6;
      *text++ = (uint8_t)alphabet[bits >> held & 0x3f];
    }
  }
  if (held > 0)
    *text++ = (uint8_t)alphabet[bits << (6 - held) & 0x3f];
  return text;
}

void base64url_write(bytes_t bytes, uint8_t *text)
{
  encode(URL_ALPHABET, bytes, text);
}

char *base64url_encode(arena_t *arena, bytes_t bytes)
{
  if (bytes.len > SIZE_MAX / 8)
    return NULL;
  char *text = arena_alloc(arena, BASE64URL_LENGTH(bytes.len) + 1);
  if (text != NULL)
    base64url_write(bytes, (uint8_t *)text);
  return text;
}

char *base64_encode(arena_t *arena, bytes_t bytes)
{
  if (bytes.len > SIZE_MAX / 8)
    return NULL;
  size_t len = (bytes.len + 2) / 3 * 4;
  uint8_t *text = arena_alloc(arena, len + 1);
  if (text == NULL)
    return NULL;
  uint8_t *end = encode(STANDARD_ALPHABET, bytes, text);
  while (end < text + len)
    *end++ = '=';
  return (char *)text;
}

/* '+' and '/' are the base64url's '-' and '_', which are none here. */
static uint8_t as_url_character(uint8_t c)
{
  return c == '+' ? '-' : c == '/' ? '_' : c == '-' || c == '_' ? '.' : c;
}

error_code_t base64_decode(arena_t *arena, bytes_t text, bytes_t *ret_bytes)
{
  size_t len = text.len;
  if (len % 4 != 0)
    return ERR_MALFORMED;
  for (int padding = 0; padding < 2 && len > 0 && text.data[len - 1] == '='; padding++)
    len--;
  uint8_t *url = arena_alloc(arena, len);
  if (url == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < len; i++)
    url[i] = as_url_character(text.data[i]);
  bytes_t unpadded = bytes_of(url, len);
  if (!is_canonical(unpadded))
    return ERR_MALFORMED;
  decode_canonical(unpadded, url); /* three bytes for four: never ahead of what is read */
  *ret_bytes = bytes_of(url, decoded_length(len));
  return ERR_NONE;
}

char *hex_encode(arena_t *arena, bytes_t bytes)
{
  static const char DIGITS[] = "0123456789abcdef";
  if (bytes.len > SIZE_MAX / 8)
    return NULL;
  char *text = arena_alloc(arena, bytes.len * 2 + 1);
  if (text == NULL)
    return NULL;
  for (size_t i = 0; i < bytes.len; i++) {
    text[2 * i] = DIGITS[bytes.data[i] >> 4];
    text[2 * i + 1] = DIGITS[bytes.data[i] & 0xf];
  }
  return text;
}

#define NOT_HEX 0xff

static uint8_t hex_value(uint8_t c)
{
  if (c >= '0' && c <= '9')
    return (uint8_t)(c - '0');
  if (c >= 'a' && c <= 'f')
    return (uint8_t)(c - 'a' + 10);
  if (c >= 'A' && c <= 'F')
    return (uint8_t)(c - 'A' + 10);
  return NOT_HEX;
}

error_code_t hex_decode(arena_t *arena, bytes_t text, bytes_t *ret_bytes)
{
  if (text.len % 2 != 0)
    return ERR_MALFORMED;
  uint8_t *memory = arena_alloc(arena, text.len / 2);
  if (memory == NULL)
    return ERR_NO_MEMORY;
  for (size_t i = 0; i < text.len / 2; i++) {
    uint8_t high = hex_value(text.data[2 * i]);
    uint8_t low = hex_value(text.data[2 * i + 1]);
    if (high == NOT_HEX || low == NOT_HEX)
      return ERR_MALFORMED;
    memory[i] = (uint8_t)(high << 4 | low);
  }
  *ret_bytes = bytes_of(memory, text.len / 2);
  return ERR_NONE;
}
