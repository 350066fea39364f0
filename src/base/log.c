#include "base/log.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

#define TEXT_MAX 512
#define LINE_MAX_BYTES (16 * 1024)

/* Set once by main, before any thread is started. */
static const char *process_name = "sekisho";
static log_level_t least_level = LOG_INFO;

void log_open(const char *process, log_level_t least)
{
  process_name = process;
  least_level = least;
}

static const char *level_name(log_level_t level)
{
  switch (level) {
  case LOG_DEBUG:
    return "debug";
  case LOG_INFO:
    return "info";
  case LOG_WARNING:
    return "warning";
  case LOG_ERROR:
    return "error";
  }
  return "error";
}

static void add_padded(builder_t *line, int64_t value, int64_t largest_power)
{
  for (int64_t power = largest_power; power > 0; power /= 10)
    builder_add_u8(line, (uint8_t)('0' + value / power % 10));
}

/* RFC 3339 in UTC with milliseconds. */
static void add_time(builder_t *line, int64_t now_ms)
{
  time_t seconds = (time_t)(now_ms / 1000);
  struct tm utc;
  gmtime_r(&seconds, &utc);
  add_padded(line, utc.tm_year + 1900, 1000);
  builder_add_u8(line, '-');
  add_padded(line, utc.tm_mon + 1, 10);
  builder_add_u8(line, '-');
  add_padded(line, utc.tm_mday, 10);
  builder_add_u8(line, 'T');
  add_padded(line, utc.tm_hour, 10);
  builder_add_u8(line, ':');
  add_padded(line, utc.tm_min, 10);
  builder_add_u8(line, ':');
  add_padded(line, utc.tm_sec, 10);
  builder_add_u8(line, '.');
  add_padded(line, now_ms % 1000, 100);
  builder_add_u8(line, 'Z');
}

/* At most TEXT_MAX bytes, cut in front of a character, not inside it. */
static bytes_t cut(const char *text)
{
  size_t len = strnlen(text, TEXT_MAX + 1);
  if (len <= TEXT_MAX)
    return bytes_of(text, len);
  len = TEXT_MAX;
  while (len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80)
    len--;
  return bytes_of(text, len);
}

/* Bytes that are not UTF-8 become "?", so that a line is always JSON, whatever a stranger sent. */
static void add_text(builder_t *line, const char *text)
{
  bytes_t bytes = cut(text);
  uint8_t ascii[TEXT_MAX];
  if (!text_is_utf8(bytes)) {
    for (size_t i = 0; i < bytes.len; i++)
      ascii[i] = bytes.data[i] < 0x80 ? bytes.data[i] : '?';
    bytes.data = ascii;
  }
  builder_add_json_string(line, bytes);
}

static void add_member(builder_t *line, const char *name, const char *text)
{
  builder_add_u8(line, ',');
  add_text(line, name);
  builder_add_u8(line, ':');
  add_text(line, text);
}

/* A member that does not fit is left out as a whole: the line stays JSON. One byte pair is kept for its end.
 */
static void add_field(builder_t *line, const log_field_t *field)
{
  builder_t before = *line;
  if (field->text != NULL) {
    add_member(line, field->name, field->text);
  } else {
    builder_add_u8(line, ',');
    add_text(line, field->name);
    builder_add_u8(line, ':');
    builder_add_decimal(line, field->number);
  }
  if (line->failed)
    *line = before;
}

void log_write(log_level_t level, const char *event, const log_field_t *fields, size_t count)
{
  if (level < least_level)
    return;
  uint8_t memory[LINE_MAX_BYTES];
  builder_t line = builder_over(memory, sizeof memory - 2);
  builder_add_string(&line, "{\"time\":\"");
  add_time(&line, clock_now_ms());
  builder_add_u8(&line, '"');
  add_member(&line, "level", level_name(level));
  add_member(&line, "process", process_name);
  add_member(&line, "event", event);
  for (size_t i = 0; i < count; i++)
    add_field(&line, &fields[i]);
  memory[line.len] = '}';
  memory[line.len + 1] = '\n';
  /* A log that cannot be written must not stop the service: there is nobody left to tell. */
  if (write(STDERR_FILENO, memory, line.len + 2) < 0)
    return;
}
