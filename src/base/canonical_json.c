#include "base/canonical_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INTEGER_MAX (((int64_t)1 << 53) - 1)
#define DIGITS_MAX 17  /* of a double, at most */
#define NUMBER_ROOM 40 /* of a double in its ECMAScript form: sign, 21 digits or "0.000000" and 17 */
#define MEMBERS_MAX 256

static error_code_t write_value(builder_t *out, const json_t *value, int depth);

/* §3.2.2.2: the short escapes, \u00xx for other control characters, everything else as it is. */
static void write_string(builder_t *out, const char *text, size_t len)
{
  static const char shorts[] = {
      ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'};
  static const char digits[] = "0123456789abcdef";
  builder_add_u8(out, '"');
  for (size_t i = 0; i < len; i++) {
    uint8_t c = (uint8_t)text[i];
    if (c < sizeof shorts && shorts[c] != '\0') {
      builder_add_u8(out, '\\');
      builder_add_u8(out, (uint8_t)shorts[c]);
    } else if (c < 0x20) {
      builder_add_string(out, "\\u00");
      builder_add_u8(out, (uint8_t)digits[c >> 4]);
      builder_add_u8(out, (uint8_t)digits[c & 15]);
    } else {
      builder_add_u8(out, c);
    }
  }
  builder_add_u8(out, '"');
}

/* --- numbers: ECMAScript's Number::toString (§3.2.2.3) --- */

typedef struct decimal {
  char digits[DIGITS_MAX + 1]; /* without trailing zeros */
  int count;
  int point; /* the value is 0.DIGITS times ten to this */
} decimal_t;

/* The fewest digits that read back as the same double. */
static bool find_decimal(double value, decimal_t *ret_decimal)
{
  char text[NUMBER_ROOM];
  for (int precision = 0; precision < DIGITS_MAX; precision++) {
    snprintf(text, sizeof text, "%.*e", precision, value);
    if (strtod(text, NULL) == value) /* the same value exactly, so == is meant */
      break;
  }
  const char *exponent = strchr(text, 'e');
  if (exponent == NULL)
    return false;
  decimal_t decimal = {.point = (int)strtol(exponent + 1, NULL, 10) + 1};
  for (const char *at = text; at < exponent && decimal.count < DIGITS_MAX; at++)
    if (*at >= '0' && *at <= '9')
      decimal.digits[decimal.count++] = *at;
  while (decimal.count > 1 && decimal.digits[decimal.count - 1] == '0')
    decimal.count--;
  *ret_decimal = decimal;
  return true;
}

static void write_zeros(builder_t *out, int count)
{
  for (int i = 0; i < count; i++)
    builder_add_u8(out, '0');
}

static void write_digits(builder_t *out, const decimal_t *decimal, int from, int to)
{
  for (int i = from; i < to && i < decimal->count; i++)
    builder_add_u8(out, (uint8_t)decimal->digits[i]);
}

static void write_scientific(builder_t *out, const decimal_t *decimal)
{
  write_digits(out, decimal, 0, 1);
  if (decimal->count > 1)
    builder_add_u8(out, '.');
  write_digits(out, decimal, 1, decimal->count);
  builder_add_string(out, decimal->point > 0 ? "e+" : "e");
  builder_add_decimal(out, decimal->point - 1);
}

static error_code_t write_double(builder_t *out, double value)
{
  decimal_t decimal;
  if (!isfinite(value))
    return ERR_MALFORMED;
  if (fpclassify(value) == FP_ZERO) {
    builder_add_u8(out, '0'); /* of either sign */
    return ERR_NONE;
  }
  if (signbit(value))
    builder_add_u8(out, '-');
  if (!find_decimal(fabs(value), &decimal))
    return ERR_INTERNAL;
  if (decimal.point > 21 || decimal.point < -5) {
    write_scientific(out, &decimal);
  } else if (decimal.point <= 0) {
    builder_add_string(out, "0.");
    write_zeros(out, -decimal.point);
    write_digits(out, &decimal, 0, decimal.count);
  } else {
    write_digits(out, &decimal, 0, decimal.point);
    write_zeros(out, decimal.point - decimal.count);
    if (decimal.count > decimal.point)
      builder_add_u8(out, '.');
    write_digits(out, &decimal, decimal.point, decimal.count);
  }
  return ERR_NONE;
}

static error_code_t write_integer(builder_t *out, int64_t value)
{
  if (value > INTEGER_MAX || value < -INTEGER_MAX)
    return ERR_MALFORMED;
  builder_add_decimal(out, value);
  return ERR_NONE;
}

/* --- objects --- */

/* By UTF-16 code units (§3.2.3). Bytes of UTF-8 sort by code point, which differs where a surrogate pair
 * meets U+E000 to U+FFFF: their first bytes are 0xF0 and above, and 0xEE or 0xEF. */
static int compare_names(const void *a, const void *b)
{
  const unsigned char *x = *(const unsigned char *const *)a, *y = *(const unsigned char *const *)b;
  while (*x != 0 && *x == *y) {
    x++;
    y++;
  }
  bool x_pair = *x >= 0xf0, y_pair = *y >= 0xf0;
  if (x_pair != y_pair && (x_pair ? *y : *x) >= 0xee)
    return x_pair ? -1 : 1;
  return (int)*x - (int)*y;
}

static error_code_t write_object(builder_t *out, const json_t *object, int depth)
{
  const char *names[MEMBERS_MAX];
  size_t count = 0;
  json_t *source = (json_t *)(uintptr_t)object; /* jansson's iterators take no const */
  if (json_object_size(object) > MEMBERS_MAX)
    return ERR_TOO_LARGE;
  for (void *at = json_object_iter(source); at != NULL; at = json_object_iter_next(source, at))
    names[count++] = json_object_iter_key(at);
  qsort(names, count, sizeof *names, compare_names);
  builder_add_u8(out, '{');
  for (size_t i = 0; i < count; i++) {
    builder_add_string(out, i > 0 ? "," : "");
    write_string(out, names[i], strlen(names[i]));
    builder_add_u8(out, ':');
    error_code_t error = write_value(out, json_object_get(object, names[i]), depth);
    if (error != ERR_NONE)
      return error;
  }
  builder_add_u8(out, '}');
  return ERR_NONE;
}

static error_code_t write_array(builder_t *out, const json_t *array, int depth)
{
  builder_add_u8(out, '[');
  for (size_t i = 0; i < json_array_size(array); i++) {
    builder_add_string(out, i > 0 ? "," : "");
    error_code_t error = write_value(out, json_array_get(array, i), depth);
    if (error != ERR_NONE)
      return error;
  }
  builder_add_u8(out, ']');
  return ERR_NONE;
}

static error_code_t write_value(builder_t *out, const json_t *value, int depth)
{
  if (value == NULL || depth == 0)
    return ERR_MALFORMED;
  switch (json_typeof(value)) {
  case JSON_OBJECT:
    return write_object(out, value, depth - 1);
  case JSON_ARRAY:
    return write_array(out, value, depth - 1);
  case JSON_STRING:
    write_string(out, json_string_value(value), json_string_length(value));
    return ERR_NONE;
  case JSON_INTEGER:
    return write_integer(out, json_integer_value(value));
  case JSON_REAL:
    return write_double(out, json_real_value(value));
  case JSON_TRUE:
    builder_add_string(out, "true");
    return ERR_NONE;
  case JSON_FALSE:
    builder_add_string(out, "false");
    return ERR_NONE;
  case JSON_NULL:
    break;
  }
  builder_add_string(out, "null");
  return ERR_NONE;
}

#define DEPTH_MAX 33 /* one more than the reader takes */

error_code_t canonical_json_print(arena_t *arena, const json_t *value, size_t max, bytes_t *ret_text)
{
  builder_t out = arena_builder(arena, max);
  if (out.failed)
    return ERR_NO_MEMORY;
  error_code_t error = write_value(&out, value, DEPTH_MAX);
  if (error != ERR_NONE)
    return error;
  *ret_text = builder_bytes(&out);
  return out.failed ? ERR_TOO_LARGE : ERR_NONE;
}
