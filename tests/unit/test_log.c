#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

static int saved_stderr = -1;
static int log_pipe[2];

/* stderr goes into a pipe that does not block, so that one read shows one write. */
static int catch_stderr(void **state)
{
  saved_stderr = dup(STDERR_FILENO);
  if (saved_stderr < 0 || pipe2(log_pipe, O_NONBLOCK | O_DIRECT) != 0 || dup2(log_pipe[1], STDERR_FILENO) < 0)
    return -1;
  return unit_arena_setup(state);
}

static int release_stderr(void **state)
{
  dup2(saved_stderr, STDERR_FILENO);
  close(saved_stderr);
  close(log_pipe[0]);
  close(log_pipe[1]);
  return unit_arena_teardown(state);
}

/* The whole of one write(2): a packet of the pipe, or nothing. */
static bytes_t next_write(arena_t *arena)
{
  uint8_t *memory = arena_alloc(arena, 65536);
  ssize_t got = read(log_pipe[0], memory, 65536);
  return got > 0 ? bytes_of(memory, (size_t)got) : BYTES_NONE;
}

/* The line, after checking that it is one. A pipe packet holds 4 KiB at most: longer writes take several. */
static json_t *next_line(arena_t *arena)
{
  builder_t line = arena_builder(arena, 65536);
  for (bytes_t part = next_write(arena); part.len > 0; part = next_write(arena))
    builder_add(&line, part);
  bytes_t bytes = builder_bytes(&line);
  assert_true(bytes.len > 1);
  assert_ptr_equal(memchr(bytes.data, '\n', bytes.len), bytes.data + bytes.len - 1);
  for (size_t i = 0; i + 1 < bytes.len; i++)
    assert_true(bytes.data[i] >= 0x20 && bytes.data[i] != 0x7f);
  json_t *value = NULL;
  assert_ok(json_parse(bytes, &value));
  return value;
}

static void a_line_has_its_members_in_one_write(void **state)
{
  log_open("rp", LOG_INFO);
  log_event(LOG_WARNING, "login.refused", LOG_TEXT("error", "signature"), LOG_NUMBER("count", -3),
            LOG_TEXT("nothing", NULL));
  bytes_t bytes = next_write(*state);
  CLEANUP(json_drop) json_t *line = NULL;
  assert_ok(json_parse(bytes, &line));
  assert_int_equal(next_write(*state).len, 0);
  assert_string_equal(json_string_value(json_object_get(line, "level")), "warning");
  assert_string_equal(json_string_value(json_object_get(line, "process")), "rp");
  assert_string_equal(json_string_value(json_object_get(line, "event")), "login.refused");
  assert_string_equal(json_string_value(json_object_get(line, "error")), "signature");
  assert_int_equal(json_integer_value(json_object_get(line, "count")), -3);
  assert_string_equal(json_string_value(json_object_get(line, "nothing")), "");
  const char *time = json_string_value(json_object_get(line, "time"));
  int64_t ms;
  assert_int_equal(strlen(time), strlen("2026-11-23T17:35:10.123Z"));
  assert_ok(text_parse_time(bytes_of_string(time), &ms));
}

static void lower_levels_are_left_out(void **state)
{
  log_open("rp", LOG_WARNING);
  log_event(LOG_INFO, "quiet", LOG_NUMBER("a", 1));
  assert_int_equal(next_write(*state).len, 0);
  log_event(LOG_ERROR, "loud", LOG_NUMBER("a", 1));
  assert_true(next_write(*state).len > 0);
}

static void PM_22_strangers_text_stays_in_its_member(void **state)
{
  static const char *const CASES[] = {
      "%n%s%p%1000000d",
      "a\r\n{\"time\":\"2026\",\"event\":\"login.ok\"}",
      "\x1b[2J\x1b]0;title\x07",
      "\xc2\x9b[31m",
      "\",\"event\":\"forged\",\"x\":\"",
      "\\\"",
      "\xff\xfe\xc0\xaf",
      "\xe2\x80\xa8line",
  };
  log_open("rp", LOG_INFO);
  for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
    log_event(LOG_INFO, "request", LOG_TEXT("agent", CASES[i]), LOG_NUMBER("after", 1));
    CLEANUP(json_drop) json_t *line = next_line(*state);
    assert_int_equal(json_object_size(line), 6);
    assert_string_equal(json_string_value(json_object_get(line, "event")), "request");
    if (text_is_utf8(bytes_of_string(CASES[i])))
      assert_string_equal(json_string_value(json_object_get(line, "agent")), CASES[i]);
  }
}

static void long_texts_are_cut_between_characters(void **state)
{
  char *text = arena_alloc(*state, 2000);
  for (size_t i = 0; i < 600; i++)
    memcpy(text + 3 * i, "\xe6\x97\xa5", 3);
  log_open("rp", LOG_INFO);
  log_event(LOG_INFO, "long", LOG_TEXT("text", text), LOG_NUMBER("after", 1));
  CLEANUP(json_drop) json_t *line = next_line(*state);
  assert_int_equal(json_string_length(json_object_get(line, "text")), 510);
  assert_int_equal(json_integer_value(json_object_get(line, "after")), 1);
}

static void members_that_do_not_fit_are_left_out(void **state)
{
  char *text = arena_alloc(*state, 513);
  memset(text, 0x01, 512); /* six bytes each when escaped */
  log_field_t fields[12];
  for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
    fields[i] = LOG_TEXT("text", text);
  fields[0].name = "first";
  for (size_t i = 1; i < ARRAY_LENGTH(fields); i++)
    fields[i].name = arena_format(*state, "text%zu", i);
  log_open("rp", LOG_INFO);
  log_write(LOG_INFO, "crowded", fields, ARRAY_LENGTH(fields));
  CLEANUP(json_drop) json_t *line = next_line(*state);
  assert_non_null(json_object_get(line, "first"));
  assert_null(json_object_get(line, "text11"));
}

int main(void)
{
#define CATCHING_TEST(function) cmocka_unit_test_setup_teardown(function, catch_stderr, release_stderr)
  const struct CMUnitTest tests[] = {
      CATCHING_TEST(a_line_has_its_members_in_one_write),
      CATCHING_TEST(lower_levels_are_left_out),
      CATCHING_TEST(PM_22_strangers_text_stays_in_its_member),
      CATCHING_TEST(long_texts_are_cut_between_characters),
      CATCHING_TEST(members_that_do_not_fit_are_left_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
