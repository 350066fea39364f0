#include "base/text.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"

/* Continuation bytes after a lead byte and the range of the first of them (Unicode 15, table 3-7). */
typedef struct utf8_form {
  size_t more;
  uint8_t first_least;
  uint8_t first_most;
} utf8_form_t;

#define NO_FORM SIZE_MAX

static utf8_form_t form_of(uint8_t lead)
{
  if (lead >= 0x01 && lead <= 0x7f)
    return (utf8_form_t){0, 0, 0};
  if (lead >= 0xc2 && lead <= 0xdf)
    return (utf8_form_t){1, 0x80, 0xbf};
  if (lead == 0xe0)
    return (utf8_form_t){2, 0xa0, 0xbf};
  if (lead == 0xed)
    return (utf8_form_t){2, 0x80, 0x9f}; /* beyond are the surrogates */
  if (lead >= 0xe1 && lead <= 0xef)
    return (utf8_form_t){2, 0x80, 0xbf};
  if (lead == 0xf0)
    return (utf8_form_t){3, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3)
    return (utf8_form_t){3, 0x80, 0xbf};
  if (lead == 0xf4)
    return (utf8_form_t){3, 0x80, 0x8f};
  return (utf8_form_t){NO_FORM, 0, 0};
}

/* Takes one character; false when it is not well formed. */
static bool take_character(reader_t *reader, uint32_t *ret_character)
{
  uint8_t lead = reader_u8(reader);
  utf8_form_t form = form_of(lead);
  if (reader->failed || form.more > 3)
    return false;
  if (form.more == 0) {
    *ret_character = lead;
    return true;
  }
  bytes_t rest = reader_take(reader, form.more);
  if (reader->failed || rest.data[0] < form.first_least || rest.data[0] > form.first_most)
    return false;
  uint32_t character = lead & (0x3fU >> form.more);
  for (size_t i = 0; i < rest.len; i++) {
    if ((rest.data[i] & 0xc0) != 0x80)
      return false;
    character = character << 6 | (rest.data[i] & 0x3fU);
  }
  *ret_character = character;
  return true;
}

/* Most text is ASCII, which goes eight bytes at a time. */
static void skip_ascii(reader_t *reader)
{
  uint64_t word;
  while (reader->left >= sizeof word) {
    memcpy(&word, reader->at, sizeof word);
    if ((word & UINT64_C(0x8080808080808080)) != 0)
      return;
    (void)reader_take(reader, sizeof word);
  }
}

bool text_is_utf8(bytes_t text)
{
  reader_t reader = reader_over(text);
  uint32_t character;
  skip_ascii(&reader);
  while (reader.left > 0) {
    if (!take_character(&reader, &character))
      return false;
  }
  return true;
}

static bool is_printable(uint32_t c)
{
  if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
    return false;
  if (c == 0x2028 || c == 0x2029) /* line and paragraph separator */
    return false;
  return !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069); /* embedding, override, isolate */
}

bool text_is_printable(bytes_t text, size_t max)
{
  if (text.len == 0 || text.len > max)
    return false;
  reader_t reader = reader_over(text);
  uint32_t character;
  while (reader.left > 0) {
    if (!take_character(&reader, &character) || !is_printable(character))
      return false;
  }
  return true;
}

#define MINUTE_MS SECONDS_MS(60)
#define HOUR_MS SECONDS_MS(3600)
#define DAY_MS SECONDS_MS(86400)
#define DIGITS_MAX 9 /* a billion of any unit fits in int64_t milliseconds */

static int64_t unit_ms(uint8_t unit)
{
  switch (unit) {
  case 's':
    return SECONDS_MS(1);
  case 'm':
    return MINUTE_MS;
  case 'h':
    return HOUR_MS;
  case 'd':
    return DAY_MS;
  default:
    return 0;
  }
}

/* Decimal digits and nothing else. */
static bool take_number(reader_t *reader, size_t digits, int64_t *ret_number)
{
  bytes_t text = reader_take(reader, digits);
  int64_t number = 0;
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < '0' || text.data[i] > '9')
      return false;
    number = number * 10 + (text.data[i] - '0');
  }
  *ret_number = number;
  return !reader->failed;
}

error_code_t text_parse_duration(bytes_t text, int64_t *ret_ms)
{
  if (text.len < 2 || text.len > DIGITS_MAX + 1)
    return ERR_MALFORMED;
  reader_t reader = reader_over(text);
  int64_t number;
  if (!take_number(&reader, text.len - 1, &number))
    return ERR_MALFORMED;
  int64_t unit = unit_ms(reader_u8(&reader));
  if (unit == 0)
    return ERR_MALFORMED;
  *ret_ms = number * unit;
  return ERR_NONE;
}

char *text_format_duration(arena_t *arena, int64_t duration_ms)
{
  static const struct {
    int64_t ms;
    const char *name;
  } UNITS[] = {{DAY_MS, "d"}, {HOUR_MS, "h"}, {MINUTE_MS, "min"}, {SECONDS_MS(1), "s"}};
  int64_t rest = duration_ms > 0 ? duration_ms : 0;
  size_t i = 0;
  while (i < 3 && rest < UNITS[i].ms)
    i++;
  int64_t large = rest / UNITS[i].ms;
  int64_t small = i < 3 ? rest % UNITS[i].ms / UNITS[i + 1].ms : 0;
  if (small == 0)
    return arena_format(arena, "%lld %s", (long long)large, UNITS[i].name);
  return arena_format(arena, "%lld %s %lld %s", (long long)large, UNITS[i].name, (long long)small,
                      UNITS[i + 1].name);
}

char *text_format_time(arena_t *arena, int64_t time_ms)
{
  time_t seconds = (time_t)(time_ms / 1000 - (time_ms % 1000 < 0 ? 1 : 0));
  struct tm utc;
  if (gmtime_r(&seconds, &utc) == NULL)
    return NULL;
  return arena_format(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                      utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

static bool take_byte(reader_t *reader, uint8_t expected)
{
  return reader_u8(reader) == expected && !reader->failed;
}

/* full-date "T" partial-time of RFC 3339 §5.6, without the fraction. */
static bool take_date_time(reader_t *reader, int64_t *ret_seconds)
{
  int64_t year, month, day, hour, minute, second;
  bool read = take_number(reader, 4, &year) && take_byte(reader, '-') && take_number(reader, 2, &month) &&
              take_byte(reader, '-') && take_number(reader, 2, &day) && take_byte(reader, 'T') &&
              take_number(reader, 2, &hour) && take_byte(reader, ':') && take_number(reader, 2, &minute) &&
              take_byte(reader, ':') && take_number(reader, 2, &second);
  if (!read || hour > 23 || minute > 59 || second > 59)
    return false;
  struct tm utc = {.tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
  int64_t midnight = timegm(&utc);
  /* timegm turns 31 February into March and month 13 into January: a month that moved was none. */
  if (utc.tm_mon + 1 != month)
    return false;
  *ret_seconds = midnight + hour * 3600 + minute * 60 + second;
  return true;
}

/* Milliseconds of time-secfrac, 0 when there is none; finer digits are cut. */
static bool take_fraction(reader_t *reader, int64_t *ret_ms)
{
  *ret_ms = 0;
  if (reader->left == 0 || *reader->at != '.')
    return true;
  reader_u8(reader);
  int64_t weight = 100;
  size_t digits = 0;
  while (reader->left > 0 && *reader->at >= '0' && *reader->at <= '9') {
    *ret_ms += (reader_u8(reader) - '0') * weight;
    weight /= 10;
    digits++;
  }
  return digits > 0;
}

/* time-offset: Z or +hh:mm, in milliseconds east of UTC. */
static bool take_offset(reader_t *reader, int64_t *ret_ms)
{
  uint8_t sign = reader_u8(reader);
  *ret_ms = 0;
  if (sign == 'Z')
    return true;
  int64_t hours, minutes;
  if ((sign != '+' && sign != '-') || !take_number(reader, 2, &hours) || !take_byte(reader, ':') ||
      !take_number(reader, 2, &minutes) || hours > 23 || minutes > 59)
    return false;
  *ret_ms = (hours * HOUR_MS + minutes * MINUTE_MS) * (sign == '-' ? -1 : 1);
  return true;
}

error_code_t text_parse_time(bytes_t text, int64_t *ret_ms)
{
  reader_t reader = reader_over(text);
  int64_t seconds, fraction, offset;
  if (!take_date_time(&reader, &seconds) || !take_fraction(&reader, &fraction) ||
      !take_offset(&reader, &offset) || !reader_done(&reader))
    return ERR_MALFORMED;
  *ret_ms = SECONDS_MS(seconds) + fraction - offset;
  return ERR_NONE;
}
